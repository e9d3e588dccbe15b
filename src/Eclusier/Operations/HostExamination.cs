using Eclusier.Adapters.Compose;
using Eclusier.Adapters.Diagnosis;
using Eclusier.Adapters.DockerEngine;
using Eclusier.Adapters.Git;
using Eclusier.Adapters.Processes;
using Eclusier.Adapters.Registries;
using Eclusier.Core.Diagnosis;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Eclusier.Operations;

/// <summary>The adapters that the agent works with, put to the test one by one. Mirrors are made in a folder that is thrown away: the state folder is only looked at.</summary>
internal static class HostExamination
{
    public static async Task<IReadOnlyList<CheckResult>> RunAsync(AgentSettings? settings, string configuration, IReadOnlyList<Check> more, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("eclusier-doctor-");
        try
        {
            var engineOptions = DockerEngineOptions.FromEnvironment();
            var processes = new ProcessRunner(timeProvider);
            var credentials = new DockerCredentials(processes, DockerCredentials.DefaultDirectory());
            using var engine = new DockerEngine(credentials, timeProvider, engineOptions);
            using var registry = new RegistryClient(credentials, engine, timeProvider, TimeSpan.FromSeconds(15));
            var limits = new GitLimits { Silence = TimeSpan.FromSeconds(10), Ask = TimeSpan.FromSeconds(15) };
            var mirrors = new GitMirrors(folder.FullName, processes, timeProvider, NullLogger<GitMirrors>.Instance, limits);
            using var sources = new GitSourceReader(mirrors);
            var workTree = new GitWorkTree(mirrors, NullLogger<GitWorkTree>.Instance);
            var compose = new ComposeProgram(processes, workTree);

            List<Check> checks = [new GitCheck(processes), new EngineCheck(engine, engineOptions), new ComposeCheck(processes, compose), new UnitCheck(processes)];
            if (settings is not null)
            {
                var state = settings.StateDirectory;
                var images = settings.Stacks.Select(stack => new StackImages(stack, sources, workTree, compose, state)).ToList();
                checks.AddRange([new FilesCheck(settings, configuration), new StateFolderCheck(state), new DatabaseCheck(Path.Combine(state, "eclusier.db")), new DiskCheck(state, engine), new ClockCheck(images, registry, timeProvider)]);
                foreach (var stack in images)
                {
                    checks.AddRange([new RepositoryCheck(stack.Stack, sources), new ImagesCheck(stack, registry), new LeftoverCheck(stack.Stack, engine)]);
                    if (stack.Stack.Checkout is { } checkout)
                    {
                        checks.Add(new CheckoutCheck(stack.Stack, checkout, workTree));
                    }
                }
            }

            return await Examination.RunAsync([.. checks, .. more], timeProvider, cancellationToken);
        }
        finally
        {
            Remove(folder);
        }
    }

    private static void Remove(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // a look that was given up still writes there; what is in the system's folder for such things is the system's to clear
        }
    }
}
