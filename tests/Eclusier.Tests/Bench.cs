using Eclusier.Adapters.Processes;
using Eclusier.Adapters.Proposals;
using Eclusier.Commands;
using Eclusier.Core.Diagnosis;
using Eclusier.Core.Stacks;
using Eclusier.Output;
using Microsoft.Extensions.Time.Testing;

namespace Eclusier.Tests;

/// <summary>Runs the program's commands in this process, on a fake agent, and keeps what they wrote.</summary>
internal sealed class Bench : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public FakeAgent Agent { get; } = new();

    public FakeTimeProvider Time { get; } = new(Some.Now);

    /// <summary>A folder for the state, short enough for a socket's path.</summary>
    public string State { get; } = Directory.CreateTempSubdirectory("ecl-").FullName;

    public IReadOnlyList<string> Stacks { get; set; } = ["shop"];

    public List<string> Problems { get; } = [];

    public List<string> Warnings { get; } = [];

    public bool OnTerminal { get; set; }

    public bool AllowsColour { get; set; }

    /// <summary>What opening an agent in this process throws.</summary>
    public Exception? LocalFails { get; set; }

    public List<string> Opened { get; } = [];

    public List<string> Monitored { get; } = [];

    /// <summary>What <c>doctor</c> finds.</summary>
    public IReadOnlyList<CheckResult> Findings { get; set; } = [new("git", "", CheckLevel.Ok, "git 2.39.5", null), new("repository", "shop", CheckLevel.Problem, "the server refused the credentials", "put a token into /etc/eclusier/shop.token")];

    public List<ProposalRequest> Proposed { get; } = [];

    public int Closed { get; private set; }

    public string Output => _output.ToString();

    public string Error => _error.ToString();

    public string RunSocket => Path.Combine(State, "run.sock");

    public AgentSettings Settings => new() { StateDirectory = State, Stacks = [.. Stacks.Select(Some.Stack)] };

    public CommandContext Context => new()
    {
        Terminal = new Terminal(_output, _error) { OutputIsTerminal = OnTerminal, ErrorIsTerminal = OnTerminal, AllowsColour = AllowsColour, Width = 100 },
        TimeProvider = Time,
        ReadConfiguration = _ => new ConfigurationReading(Problems.Count > 0 ? null : Settings, Problems, Warnings),
        ConfigurationSchema = () => """{"$schema":"x"}""",
        OpenLocalAgent = (settings, purpose, readOnly, _) =>
        {
            Opened.Add(readOnly ? $"{purpose} read-only" : purpose);
            return LocalFails is { } failure
                ? Task.FromException<AgentConnection>(failure)
                : Task.FromResult(new AgentConnection(Agent, [.. settings.Stacks.Select(stack => stack.Name)], isDaemon: false, () =>
                {
                    Closed++;
                    return ValueTask.CompletedTask;
                }));
        },
        RunMonitor = (settings, _, once, _) =>
        {
            Monitored.Add($"{settings.Stacks.Count} stacks{(once ? " once" : "")}");
            return Task.FromResult(ExitCodes.Done);
        },
        Processes = new ProcessRunner(Time),
        Examine = (_, _, _, _, _) => Task.FromResult(Findings),
        Propose = (request, _, _) =>
        {
            Proposed.Add(request);
            return Task.FromResult(new Proposal("shop", "stacks:\n  shop:\n    repository: /srv/shop.git\n", "  shop:\n    repository: /srv/shop.git\n", ["the repository asks for credentials"]));
        },
        Ask = null,
        Version = new ProgramVersion("1.2.3", "4bcf0105a0c3e8f1d2b3a49586776859403a2b1c", new DateTimeOffset(2026, 10, 3, 12, 0, 0, TimeSpan.Zero)),
        DefaultConfiguration = "/etc/eclusier/eclusier.yaml",
        RunSocket = RunSocket,
    };

    public Task<int> RunAsync(params string[] arguments) => CommandLine.RunAsync(arguments, Context, TestContext.Current.CancellationToken);

    public Task<int> RunUntilAsync(CancellationToken cancellationToken, params string[] arguments) => CommandLine.RunAsync(arguments, Context, cancellationToken);

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
        Directory.Delete(State, recursive: true);
    }
}
