using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Eclusier.Lab;

/// <summary>One installation of Eclusier under test: its folders, its configuration, its daemon, and its commands.</summary>
public sealed class EclusierHost : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    private readonly List<string> journal = [];
    private readonly List<string> projects = [];
    private readonly List<string> imagePrefixes = [];
    private LabProcess? daemon;
    private string? socket;

    /// <param name="program">The published binary; <c>null</c>: what <c>ECLUSIER_PROGRAM</c> names, or else what <c>./build</c> left.</param>
    public EclusierHost(string? program = null)
    {
        Program = program ?? FindProgram();
        Folder = Directory.CreateTempSubdirectory("eclusier-host-").FullName;
        Directory.CreateDirectory(Path.Combine(Folder, "home"));
        Directory.CreateDirectory(Path.Combine(Folder, "docker"));
        Environment["HOME"] = Path.Combine(Folder, "home");
        Environment["PATH"] = System.Environment.GetEnvironmentVariable("PATH")!;
        Environment["DOCKER_CONFIG"] = Path.Combine(Folder, "docker"); // without the credentials of whoever runs the test
        if (System.Environment.GetEnvironmentVariable("DOCKER_HOST") is { } engine)
        {
            Environment["DOCKER_HOST"] = engine;
        }
    }

    /// <summary>Everything of this installation; a test may put its own things there too.</summary>
    public string Folder { get; }

    /// <summary>The published binary.</summary>
    public string Program { get; }

    public string StateDirectory => Path.Combine(Folder, "state");

    public string ConfigFile => Path.Combine(Folder, "eclusier.yaml");

    /// <summary>The whole environment of the daemon and of the commands; changes count from the next start.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Called for each line of the daemon as it comes.</summary>
    public Action<string>? OnJournalLine { get; set; }

    /// <summary>Where the daemon answers.</summary>
    public string Socket => socket ?? throw new InvalidOperationException("the daemon was never started");

    public bool IsRunning => daemon is { HasExited: false };

    /// <summary>The daemon's process id.</summary>
    public int DaemonId => (daemon ?? throw new InvalidOperationException("the daemon was never started")).Id;

    /// <summary>The daemon's lines so far, over all its starts.</summary>
    public IReadOnlyList<string> Journal
    {
        get
        {
            lock (journal)
            {
                return [.. journal];
            }
        }
    }

    /// <returns>A name that no other stack on this machine has; its containers, networks, volumes and images go when the host goes.</returns>
    public string NewStack(string name)
    {
        var unique = $"{name}-{Guid.NewGuid().ToString("N")[..6]}";
        CleansUp(unique);
        return unique;
    }

    /// <summary>A Compose project that goes when the host goes, with the images that were kept for it.</summary>
    public void CleansUp(string project)
    {
        projects.Add(project);
        imagePrefixes.Add($"eclusier/{project}/");
        imagePrefixes.Add($"{project}-"); // what `build:` makes: PROJECT-SERVICE
    }

    /// <summary>Images of this registry go from the machine when the host goes.</summary>
    public void CleansUpImagesOf(string registry) => imagePrefixes.Add($"{registry}/");

    /// <summary>Writes the configuration file.</summary>
    /// <param name="yaml">Everything but <c>state_dir</c>.</param>
    public void Configure(string yaml) => File.WriteAllText(ConfigFile, $"state_dir: {StateDirectory}\n{yaml}\n");

    /// <summary>Starts <c>eclusier monitor</c> and waits until it answers.</summary>
    public async Task StartAsync()
    {
        if (IsRunning)
        {
            throw new InvalidOperationException("the daemon runs already");
        }

        await DisposeDaemonAsync();
        var started = LabProcess.Start(Program, ["monitor", "--config", ConfigFile], Environment, Folder, AddToJournal);
        daemon = started;
        await WithJournalAsync(Wait.ForAsync("the daemon answers", StartTime, () => started.HasExited || (socket = SocketOf(started.Id)) is not null, isOver => isOver));
        if (started.HasExited)
        {
            var exitCode = await started.WaitForExitAsync(TimeSpan.FromSeconds(5));
            throw new InvalidOperationException($"the daemon ended at once, with exit code {exitCode}:\n{string.Join('\n', started.Lines)}");
        }
    }

    /// <summary>Stops the daemon as systemd does (SIGTERM).</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> StopAsync() => (daemon ?? throw new InvalidOperationException("the daemon was never started")).StopAsync(StopTime);

    /// <summary>Ends the daemon with SIGKILL; a <c>docker compose</c> it has started lives on.</summary>
    public async Task KillAsync() => await (daemon ?? throw new InvalidOperationException("the daemon was never started")).KillAsync();

    /// <summary>Waits until the daemon has stopped itself where <c>ECLUSIER_PAUSE_AT</c> says.</summary>
    public Task AwaitPauseAsync(CancellationToken cancellationToken = default) =>
        WithJournalAsync(Wait.ForAsync("the daemon has stopped itself", TimeSpan.FromMinutes(1), () => daemon!.IsPaused, isPaused => isPaused, cancellationToken));

    /// <summary>Lets a daemon go on that has stopped itself.</summary>
    public void Continue()
    {
        const int SigCont = 18;
        daemon!.Signal(SigCont);
    }

    /// <summary>Has the daemon read its configuration again (SIGHUP).</summary>
    public void HangUp()
    {
        const int SigHup = 1;
        daemon!.Signal(SigHup);
    }

    /// <summary>Runs a command: <c>RunAsync("plan", "shop")</c>.</summary>
    public Task<CommandOutcome> RunAsync(params string[] words) => RunAsync(TimeSpan.FromMinutes(3), words);

    public Task<CommandOutcome> RunAsync(TimeSpan within, params string[] words) =>
        LabProcess.RunAsync(Program, [.. words, "--config", ConfigFile], Environment, Folder, within);

    public async Task<StatusView> StatusAsync(string stack)
    {
        var document = await AskAsync(["status", stack], "", stack);
        var reports = document["stacks"] ?? document;
        return (reports is JsonArray list ? list.Single() : reports).Deserialize<StatusView>(Json)!;
    }

    /// <param name="limit">How many deployments and releases at most, the newest first.</param>
    public async Task<HistoryView> HistoryAsync(string stack, int limit = 20) =>
        (await AskAsync(["history", stack, "--limit", $"{limit}"], $"/history?limit={limit}", stack)).Deserialize<HistoryView>(Json)!;

    /// <summary>Waits until the stack is so.</summary>
    /// <param name="what">For the message: <c>the second commit is rejected</c>.</param>
    public Task<StatusView> AwaitStatusAsync(string stack, string what, Func<StatusView, bool> isSo, TimeSpan? within = null, CancellationToken cancellationToken = default) =>
        WithJournalAsync(Wait.ForAsync(what, within ?? TimeSpan.FromMinutes(1), () => StatusAsync(stack), isSo, cancellationToken));

    /// <summary>Waits until the newest deployment of a commit is closed.</summary>
    /// <param name="after">Only deployments with a higher id count: for a commit that is deployed more than once.</param>
    public async Task<DeploymentView> AwaitDeploymentAsync(string stack, string commit, long after = 0, TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        bool IsIt(DeploymentView deployment) => deployment.Commit == commit && deployment.Id > after && deployment.Result is not null;
        var history = await WithJournalAsync(Wait.ForAsync(
            $"a deployment of {commit[..7]} is closed", within ?? TimeSpan.FromMinutes(2), () => HistoryAsync(stack), history => history.Deployments.Any(IsIt), cancellationToken));
        return history.Deployments.First(IsIt);
    }

    /// <summary>Waits for a line of the daemon that matches a regular expression.</summary>
    /// <param name="from">How many lines to leave out: <c>Journal.Count</c> of an earlier moment.</param>
    public async Task<string> AwaitLineAsync(string pattern, int from = 0, TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        string? Find() => Journal.Skip(from).FirstOrDefault(line => Regex.IsMatch(line, pattern));
        return (await WithJournalAsync(Wait.ForAsync($"the journal has a line like '{pattern}'", within ?? TimeSpan.FromMinutes(1), Find, line => line is not null, cancellationToken)))!;
    }

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            await StopAsync();
        }

        await DisposeDaemonAsync();
        foreach (var project in projects)
        {
            await DockerCli.RemoveProjectAsync(project);
        }

        foreach (var prefix in imagePrefixes)
        {
            await DockerCli.RemoveImagesAsync(prefix);
        }

        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Asks the daemon itself: a process for each of a hundred looks would be most of what the tests do. Without a daemon the command is asked.</summary>
    private async Task<JsonNode> AskAsync(string[] command, string path, string stack)
    {
        if (IsRunning && socket is { } listening)
        {
            using var connection = new HttpClient(new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) =>
                {
                    var connected = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await connected.ConnectAsync(new UnixDomainSocketEndPoint(listening), cancellationToken);
                    return new NetworkStream(connected, ownsSocket: true);
                },
            })
            {
                Timeout = AnswerTime,
            };
            try
            {
                return JsonNode.Parse(await connection.GetStringAsync($"http://eclusier/api/v1/stacks/{stack}{path}"))!;
            }
            catch (HttpRequestException exception) when (exception.InnerException is SocketException or IOException)
            {
                // it has just ended
            }
        }

        var outcome = await RunAsync(AnswerTime, [.. command, "--output", "json"]);
        return JsonNode.Parse(outcome.Succeeded())!;
    }

    private void AddToJournal(string line)
    {
        lock (journal)
        {
            journal.Add(line);
        }

        OnJournalLine?.Invoke(line);
    }

    /// <summary>A wait in vain is explained best by what the daemon said.</summary>
    internal async Task<T> WithJournalAsync<T>(Task<T> waiting)
    {
        try
        {
            return await waiting;
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{exception.Message}\nThe daemon ({(IsRunning ? "running" : "not running")}) said last:\n{string.Join('\n', Journal.TakeLast(40))}", exception);
        }
    }

    private async Task DisposeDaemonAsync()
    {
        if (daemon is not null)
        {
            await daemon.DisposeAsync();
            daemon = null;
        }
    }

    /// <summary>Where the process listens, once it does: another agent's socket does not count.</summary>
    private static string? SocketOf(int process)
    {
        const string AcceptsConnections = "00010000";
        var listening = File.ReadLines("/proc/net/unix").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(field => field.Length > 7 && field[3] == AcceptsConnections && field[7].EndsWith("/eclusier.sock", StringComparison.Ordinal))
            .ToDictionary(field => $"socket:[{field[6]}]", field => field[7]);
        return Directory.EnumerateFiles($"/proc/{process}/fd")
            .Select(descriptor => new FileInfo(descriptor).LinkTarget is { } target ? listening.GetValueOrDefault(target) : null)
            .FirstOrDefault(path => path is not null);
    }

    /// <summary>The program under test: what <c>ECLUSIER_PROGRAM</c> names, or else what <c>./build</c> left.</summary>
    public static string FindProgram()
    {
        if (System.Environment.GetEnvironmentVariable("ECLUSIER_PROGRAM") is { Length: > 0 } named)
        {
            return Existing(Path.GetFullPath(named));
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Eclusier.slnx")))
            {
                return Existing(Path.Combine(folder.FullName, "artifacts", "eclusier", "eclusier"));
            }
        }

        throw new InvalidOperationException("set ECLUSIER_PROGRAM to the published binary");
    }

    private static string Existing(string path) => File.Exists(path) ? path : throw new InvalidOperationException($"there is no {path}: run ./build first");
}
