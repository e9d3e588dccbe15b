using Eclusier.Adapters.Compose;
using Eclusier.Adapters.DockerEngine;
using Eclusier.Adapters.Git;
using Eclusier.Adapters.Processes;
using Eclusier.Adapters.Proposals;
using Eclusier.Adapters.Registries;
using Microsoft.Extensions.Logging.Abstractions;

namespace Eclusier.Operations;

/// <summary>The adapters that look at a clone and what runs from it.</summary>
internal static class HostProposal
{
    public static async Task<Proposal> CreateAsync(ProposalRequest request, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("eclusier-init-");
        try
        {
            var processes = new ProcessRunner(timeProvider);
            using var engine = new DockerEngine(new DockerCredentials(processes, DockerCredentials.DefaultDirectory()), timeProvider, DockerEngineOptions.FromEnvironment());
            var limits = new GitLimits { Silence = TimeSpan.FromSeconds(10), Ask = TimeSpan.FromSeconds(20) };
            var mirrors = new GitMirrors(folder.FullName, processes, timeProvider, NullLogger<GitMirrors>.Instance, limits);
            var compose = new ComposeProgram(processes, new GitWorkTree(mirrors, NullLogger<GitWorkTree>.Instance));
            using var sources = new GitSourceReader(mirrors);
            return await new Proposer(new CloneReader(mirrors), engine, compose, sources, Environment.GetEnvironmentVariable).CreateAsync(request, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
