using System.Security.Cryptography;
using System.Text;

namespace Eclusier.Lab;

/// <summary>Many stacks over many repositories in one agent: git servers, git and Compose are real, the engine is a <see cref="FakeEngine"/>.</summary>
/// <remarks>Every stack has one service. The stacks of a repository share its Compose file, so a push changes them all.</remarks>
public sealed class Fleet : IAsyncDisposable
{
    private readonly List<GitRepository> repositories = [];
    private readonly List<(string Name, int Repository)> stacks = [];
    private readonly string prefix = Guid.NewGuid().ToString("N")[..6];

    private Fleet(string? program) => Host = new EclusierHost(program);

    public EclusierHost Host { get; }

    public GitHttpServer Git { get; private set; } = null!;

    public FakeEngine Engine { get; private set; } = null!;

    public IReadOnlyList<string> Stacks => [.. stacks.Select(stack => stack.Name)];

    public IReadOnlyList<GitRepository> Repositories => repositories;

    /// <param name="sharing">How many of the stacks, the last ones, follow repository 0; the others follow the rest in turn.</param>
    /// <param name="program">As for <see cref="EclusierHost"/>.</param>
    public static async Task<Fleet> SetUpAsync(int stacks, int repositories, int sharing, string? program = null)
    {
        var fleet = new Fleet(program);
        try
        {
            var root = Directory.CreateDirectory(Path.Combine(fleet.Host.Folder, "git")).FullName;
            fleet.Git = await GitHttpServer.StartAsync(root);
            fleet.Engine = await FakeEngine.StartAsync();
            fleet.Host.Environment["DOCKER_HOST"] = fleet.Engine.Endpoint;
            fleet.repositories.AddRange(Enumerable.Range(0, repositories).AsParallel().AsOrdered().WithDegreeOfParallelism(Environment.ProcessorCount).Select(number =>
            {
                var repository = GitRepository.Create(Path.Combine(root, $"r{number}.git"));
                repository.Commit("First", FileOf($"{number}/first"));
                return repository;
            }));
            fleet.stacks.AddRange(Enumerable.Range(0, stacks).Select(number =>
                ($"{fleet.prefix}-{number}", number >= stacks - sharing ? 0 : 1 + (number % (repositories - 1)))));
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>The stacks of a repository.</summary>
    public IReadOnlyList<string> StacksOf(int repository) => [.. stacks.Where(stack => stack.Repository == repository).Select(stack => stack.Name)];

    /// <summary>The path below which a repository's requests come: <c>/r7.git/</c>.</summary>
    public static string PathOf(int repository) => $"/r{repository}.git/";

    /// <summary>Writes the configuration of the first so many stacks, or of all.</summary>
    /// <param name="settings">For all stacks, in one line: <c>interval: 60s</c>.</param>
    /// <param name="perStack">More keys of each stack, in one line.</param>
    public void Configure(string settings, string perStack = "", int? count = null) => Host.Configure(
        $"{settings}\nstacks:\n{string.Join('\n', stacks.Take(count ?? stacks.Count).Select(stack =>
            $"  {stack.Name}: {{ repository: '{Git.UrlOf(repositories[stack.Repository])}', health: {{ timeout: 60s, interval: 1s, soak: 0s }}{(perStack.Length > 0 ? ", " : "")}{perStack} }}"))}");

    /// <summary>Commits and pushes another version of all stacks of a repository.</summary>
    /// <returns>The image that the new version has.</returns>
    public string PushVersion(int repository, string version)
    {
        repositories[repository].Commit(version, FileOf($"{repository}/{version}"));
        return ImageOf($"{repository}/{version}");
    }

    /// <summary>Waits until the engine runs so many containers, and no deployment is open.</summary>
    public async Task AwaitRunningAsync(int count, TimeSpan within, CancellationToken cancellationToken)
    {
        await Wait.ForAsync($"{count} containers run", within, () => Engine.Running, running => running == count, cancellationToken);
        await AwaitCommittedAsync(count, within, cancellationToken);
    }

    /// <summary>Waits until the journal tells of so many commits, from a line on.</summary>
    public Task AwaitCommittedAsync(int count, TimeSpan within, CancellationToken cancellationToken, int from = 0) =>
        Host.WithJournalAsync(Wait.ForAsync($"{count} deployments are committed", within, () => Host.Journal.Skip(from).Count(line => line.Contains("last known good", StringComparison.Ordinal)), committed => committed >= count, cancellationToken));

    public async ValueTask DisposeAsync()
    {
        var locks = Host.IsRunning ? LocksOf(Host.DaemonId) : []; // one or two of each stack, empty from now on: too many to leave them lying about
        await Host.DisposeAsync();
        locks.ForEach(File.Delete);
        if (Engine is not null)
        {
            await Engine.DisposeAsync();
        }

        if (Git is not null)
        {
            await Git.DisposeAsync();
        }
    }

    private static List<string> LocksOf(int daemon) =>
        [.. Directory.EnumerateFiles($"/proc/{daemon}/fd").Select(file => new FileInfo(file).LinkTarget).OfType<string>()
            .Where(target => Path.GetFileName(target).StartsWith("eclusier-", StringComparison.Ordinal) && target.EndsWith(".lock", StringComparison.Ordinal))];

    private static (string Path, string Content) FileOf(string version) =>
        ("compose.yaml", $"services: {{ web: {{ image: '{ImageOf(version)}', restart: unless-stopped, environment: {{ STACK: '${{ECLUSIER_STACK}}' }} }} }}\n");

    private static string ImageOf(string version) => $"registry.example.org/app@sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(version)))}";
}
