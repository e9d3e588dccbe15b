using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Eclusier.Api;
using Eclusier.Core.Stacks;
using Eclusier.Operations;
using Eclusier.Output;

namespace Eclusier.Commands;

/// <summary>One command being carried out: its configuration, whom it asks, and how it answers.</summary>
internal sealed class Session(CommandContext context, string configuration, bool isConfigurationGiven, bool asJson)
{
    public CommandContext Context { get; } = context;

    public string Configuration { get; } = configuration;

    public bool AsJson { get; } = asJson;

    public Times Times { get; } = new(context.TimeProvider);

    private Terminal Terminal => Context.Terminal;

    public AgentSettings ReadSettings()
    {
        var reading = Context.ReadConfiguration(Configuration);
        foreach (var warning in reading.Warnings)
        {
            Terminal.Say($"warning: {warning}", Tone.Warning);
        }

        return reading.Settings ?? throw Unusable(reading);
    }

    public async Task<AgentConnection> ConnectAsync(string purpose, bool readOnly, CancellationToken cancellationToken)
    {
        var connector = new AgentConnector(Context.OpenLocalAgent, Context.TimeProvider, Context.RunSocket);
        var reading = Context.ReadConfiguration(Configuration);
        if (reading.Settings is { } settings)
        {
            var connection = await connector.ConnectAsync(settings, purpose, readOnly, cancellationToken);
            if (connection.DaemonVersion is { } version && version != Context.Version.Version)
            {
                Terminal.Say($"warning: the daemon is still version {version}, this is {Context.Version.Version}: restart it", Tone.Warning);
            }

            if (!connection.IsDaemon)
            {
                Terminal.Say(readOnly ? $"no daemon is running; this is what {settings.StateDirectory} knows" : "no daemon is running: doing it here", Tone.Quiet);
            }

            return connection;
        }

        // a file named on the command line is meant: never ask a daemon that may keep something else
        if (!isConfigurationGiven && await connector.FindDaemonAsync(cancellationToken) is { } daemon)
        {
            Terminal.Say($"warning: {Configuration} cannot be used (`eclusier config check` says why); asking the running daemon", Tone.Warning);
            return daemon;
        }

        throw Unusable(reading);
    }

    /// <summary>The daemon that was started with this configuration file, also when what is in it now cannot be used.</summary>
    public async Task<AgentConnection> ConnectToDaemonAsync(CancellationToken cancellationToken)
    {
        var connector = new AgentConnector(Context.OpenLocalAgent, Context.TimeProvider, Context.RunSocket);
        var reading = Context.ReadConfiguration(Configuration);
        return await connector.FindDaemonAsync(reading.Settings, Path.GetFullPath(Configuration), cancellationToken)
            ?? throw (reading.Settings is null ? Unusable(reading) : new DaemonException("no daemon is running with this configuration: its next start reads it"));
    }

    /// <summary>The command's answer, the one thing that goes to the standard output.</summary>
    public void Answer<T>(T document, JsonTypeInfo<T> type, Func<Page> page)
    {
        if (AsJson)
        {
            WriteJson(document, type);
        }
        else
        {
            Terminal.Show(page());
        }
    }

    public void WriteJson<T>(T document, JsonTypeInfo<T> type) => Terminal.Output.WriteLine(JsonSerializer.Serialize(document, type));

    /// <summary>A line of what is being done, as it is done.</summary>
    public void ShowProgress(ProgressLine line) => Terminal.Say(
        $"{Times.Clock(line.At)} {line.Stack}: {PlainText.OneLine(line.Message)}",
        line.Level switch { "error" => Tone.Bad, "warning" => Tone.Warning, _ => Tone.Quiet });

    public int Fail(int exitCode, string code, string message)
    {
        Terminal.Say($"error: {string.Join('\n', PlainText.Lines(message))}", Tone.Bad);
        if (AsJson)
        {
            WriteJson(new ErrorDocument(new ErrorBody(code, message)), AgentJson.Readable.ErrorDocument);
        }

        return exitCode;
    }

    private static UsageException Unusable(ConfigurationReading reading) =>
        new($"the configuration cannot be used:\n{string.Join('\n', reading.Problems)}");
}
