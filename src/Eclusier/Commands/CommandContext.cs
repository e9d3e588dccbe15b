using Eclusier.Adapters.Processes;
using Eclusier.Adapters.Proposals;
using Eclusier.Api;
using Eclusier.Core.Diagnosis;
using Eclusier.Core.Stacks;
using Eclusier.Operations;
using Eclusier.Output;

namespace Eclusier.Commands;

/// <summary>What was read from a configuration file.</summary>
/// <param name="Settings"><c>null</c> when there are problems.</param>
/// <param name="Problems">Each as <c>file:line:column: path: message</c>.</param>
public sealed record ConfigurationReading(AgentSettings? Settings, IReadOnlyList<string> Problems, IReadOnlyList<string> Warnings);

/// <summary>Reads and checks a configuration file; a file that is not there is a problem like any other.</summary>
public delegate ConfigurationReading ReadConfiguration(string path);

/// <summary>Reads the configuration that the daemon was started with, as it is now.</summary>
public delegate ConfigurationReading ReadAgain();

/// <summary>Opens an agent in this process, for when no daemon runs.</summary>
/// <param name="purpose">The command's name, for whoever finds the state locked by it.</param>
/// <param name="readOnly">Nothing will be changed: the state lock is not needed.</param>
/// <exception cref="AgentBusyException">Another process holds the state lock.</exception>
public delegate Task<AgentConnection> OpenLocalAgent(AgentSettings settings, string purpose, bool readOnly, CancellationToken cancellationToken);

/// <summary>Runs the daemon, or one pass over every stack.</summary>
/// <param name="configuration">The file that the settings were read from, for a reload.</param>
/// <returns>The exit code.</returns>
public delegate Task<int> RunMonitor(AgentSettings settings, string configuration, bool once, CancellationToken cancellationToken);

/// <summary>Makes all checks of <c>doctor</c>.</summary>
/// <param name="settings"><c>null</c>: the configuration cannot be used, and only what does not depend on it is looked at.</param>
/// <param name="more">Checks of the caller's own.</param>
public delegate Task<IReadOnlyList<CheckResult>> ExamineHost(AgentSettings? settings, string configuration, IReadOnlyList<Check> more, TimeProvider timeProvider, CancellationToken cancellationToken);

/// <summary>Proposes a configuration; changes nothing.</summary>
public delegate Task<Proposal> ProposeConfiguration(ProposalRequest request, TimeProvider timeProvider, CancellationToken cancellationToken);

/// <summary>Someone else has what this agent must have for itself.</summary>
/// <param name="conflict">What, and who: <c>the state is locked by monitor (pid 812)</c>.</param>
public sealed class AgentBusyException(string conflict) : Exception($"{conflict}: wait until it is done, or stop it");

/// <summary>All that the commands need from the composition root.</summary>
public sealed record CommandContext
{
    public required Terminal Terminal { get; init; }

    public required TimeProvider TimeProvider { get; init; }

    public required ReadConfiguration ReadConfiguration { get; init; }

    /// <summary>The configuration's JSON Schema.</summary>
    public required Func<string> ConfigurationSchema { get; init; }

    public required OpenLocalAgent OpenLocalAgent { get; init; }

    public required RunMonitor RunMonitor { get; init; }

    /// <summary>For what is set up on the host itself.</summary>
    public required IProcessRunner Processes { get; init; }

    /// <summary>Looks at the host, the configuration and what they reach.</summary>
    public ExamineHost Examine { get; init; } = HostExamination.RunAsync;

    /// <summary>Makes a configuration of what is on the host.</summary>
    public ProposeConfiguration Propose { get; init; } = HostProposal.CreateAsync;

    /// <summary>Asks the person at the terminal, who may leave the answer empty; <c>null</c>: nobody is there.</summary>
    public Func<string, string>? Ask { get; init; } = Console.IsInputRedirected || Console.IsErrorRedirected ? null : question =>
    {
        Console.Error.Write(question);
        return Console.In.ReadLine()?.Trim() ?? "";
    };

    public required ProgramVersion Version { get; init; }

    public string DefaultConfiguration { get; init; } = "/etc/eclusier/eclusier.yaml";

    /// <summary>The socket outside the state folder; another one only in tests.</summary>
    public string RunSocket { get; init; } = AgentSocket.RunPath;
}
