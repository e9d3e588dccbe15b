using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Eclusier.Core.Compose;
using Eclusier.Core.Deployments;

namespace Eclusier.Core.Preparing;

/// <summary>The signal that tells a service that files it mounts have changed, so that it need not be recreated: its label <c>eclusier.reload</c>.</summary>
public static partial class ReloadSignal
{
    public const string Label = "eclusier.reload";

    // those that Docker knows by name; what no program can handle would only end or stop it
    private static readonly HashSet<string> Known =
    [
        "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "SYS", "TERM", "TRAP", "TSTP",
        "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
    ];

    /// <summary>The signal's name in full, <c>SIGHUP</c>.</summary>
    /// <returns><c>null</c>: the service does not ask for one.</returns>
    public static string? Of(JsonObject? definition) => ComposeModel.TextOf(definition?["labels"], Label) is { } text ? NameOf(text) : null;

    /// <exception cref="FailureException">Rejected: a service asks for a signal that there is not.</exception>
    public static void Check(RenderedModel rendered)
    {
        foreach (var (service, definition) in ComposeModel.ServicesOf(rendered.Model))
        {
            if (ComposeModel.TextOf(definition["labels"], Label) is { } text && NameOf(text) is null)
            {
                throw FailureException.Rejected(
                    $"{string.Join(", ", rendered.ComposeFiles)}: service {service}: the label {Label} is '{text}', which is no signal that a program can handle; expected a name like SIGHUP, SIGUSR1 or SIGRTMIN+1");
            }
        }
    }

    private static string? NameOf(string text)
    {
        var name = text.Trim().ToUpperInvariant();
        name = name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name;
        return Known.Contains(name) || RealTime().IsMatch(name) ? $"SIG{name}" : null;
    }

    [GeneratedRegex(@"^(RTMIN(\+([1-9]|1[0-5]))?|RTMAX(-([1-9]|1[0-4]))?)\z")]
    private static partial Regex RealTime();
}
