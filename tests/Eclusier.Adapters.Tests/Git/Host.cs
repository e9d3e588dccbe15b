using System.Collections.Concurrent;
using Eclusier.Adapters.Git;
using Eclusier.Adapters.Processes;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Eclusier.Lab;
using Microsoft.Extensions.Logging.Abstractions;

namespace Eclusier.Adapters.Tests.Git;

/// <summary>A host with an agent's state directory, in a temporary folder, and repositories beside it.</summary>
internal sealed class Host : IDisposable
{
    public Host(GitLimits? limits = null)
    {
        Folder = Directory.CreateTempSubdirectory("eclusier git ").FullName; // with a space, as paths sometimes have
        Directory.CreateDirectory(Repositories);
        Directory.CreateDirectory(State);
        Processes = new RecordingRunner(new ProcessRunner(TimeProvider.System));
        Mirrors = new GitMirrors(State, Processes, TimeProvider.System, NullLogger<GitMirrors>.Instance, limits);
        Reader = new GitSourceReader(Mirrors);
        WorkTree = new GitWorkTree(Mirrors, NullLogger<GitWorkTree>.Instance);
    }

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public string Folder { get; }

    public string Repositories => Path.Combine(Folder, "repositories");

    public string State => Path.Combine(Folder, "state");

    public RecordingRunner Processes { get; }

    public GitMirrors Mirrors { get; }

    public ISourceReader Reader { get; }

    public GitWorkTree WorkTree { get; }

    public GitRepository Repository(string name = "app", string objectFormat = "sha1") => GitRepository.Create(Path.Combine(Repositories, $"{name}.git"), objectFormat);

    public static Source MainOf(string repository) => new(repository, new RevisionSelector.Branch("main"));

    public static Stack Shop(string repository, string? checkout = null) => new(StackName.Parse("shop"), MainOf(repository)) { Checkout = checkout };

    /// <summary>The mirror's folder of the only repository read so far.</summary>
    public string OnlyMirror => Directory.GetDirectories(Path.Combine(State, "sources"), "*.git").Single();

    public async Task<Revision> FetchAsync(Source source) =>
        await Reader.FetchAsync(source, await Reader.ReadHeadAsync(source, Cancellation), Cancellation);

    public async Task<StagedTree> StageAsync(Stack stack) =>
        await WorkTree.StageAsync(stack, await FetchAsync(stack.Source), Cancellation);

    /// <summary>Fetches, stages and moves: the way of a change without everything else.</summary>
    /// <returns>The patch of local edits, if any.</returns>
    public async Task<string?> DeployAsync(Stack stack)
    {
        var revision = await FetchAsync(stack.Source);
        await WorkTree.StageAsync(stack, revision, Cancellation);
        return (await WorkTree.MoveAsync(stack, revision.Commit, [], Cancellation))?.Patch;
    }

    public string ReadWork(Stack stack, string path) => File.ReadAllText(Path.Combine(WorkTree.PathOf(stack), path));

    public void WriteWork(Stack stack, string path, string content)
    {
        var file = Path.Combine(WorkTree.PathOf(stack), path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }

    /// <summary>All that was written below the state directory, by file, except git's compressed objects.</summary>
    public IEnumerable<(string File, string Text)> StateFiles() =>
        Directory.EnumerateFiles(State, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Select(file => (file, File.ReadAllText(file, System.Text.Encoding.Latin1)));

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>Keeps what was started, and starts it.</summary>
internal sealed class RecordingRunner(IProcessRunner inner) : IProcessRunner
{
    private readonly ConcurrentQueue<ProcessSpec> started = new();

    public IReadOnlyList<ProcessSpec> Started => [.. started];

    /// <summary>The commands of git that were run: <c>fetch</c>, <c>ls-remote</c>…</summary>
    public IEnumerable<string> Commands => Started.Select(spec => spec.Arguments.First(argument => !argument.StartsWith("--git-dir", StringComparison.Ordinal)));

    /// <summary>Starts something else instead.</summary>
    public Func<ProcessSpec, ProcessSpec> Replace { get; set; } = spec => spec;

    public Task<ProcessResult> RunAsync(ProcessSpec spec, CancellationToken cancellationToken)
    {
        started.Enqueue(spec);
        return inner.RunAsync(Replace(spec), cancellationToken);
    }
}
