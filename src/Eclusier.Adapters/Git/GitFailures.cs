using System.Text.RegularExpressions;
using Eclusier.Adapters.Failures;
using Eclusier.Adapters.Processes;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Git;

/// <summary>Tells from git's words what kind of failure it was: the only place that does.</summary>
internal static partial class GitFailures
{
    public static FailureException Of(GitCommand command, ProcessResult result)
    {
        var said = VaryingParts.Without(GitAddress.WithoutCredentials(Essence(result.StandardError)));
        var what = command.Access is { } access ? $"{command.Doing} from {access.Address.Display}" : command.Doing;
        var (kind, reason) = Classify(result.StandardError);
        return new FailureException(new Failure(kind, $"{what} failed: {reason}{(said.Length > 0 ? said : $"git ended with exit code {result.ExitCode}")}")
        {
            Evidence = [new Evidence($"git {command.Arguments[0]}", GitAddress.WithoutCredentials(result.StandardError.Trim()))],
        });
    }

    /// <summary>The server does not give out a commit by its id, or does not have it.</summary>
    public static bool IsUnknownCommit(ProcessResult result) => UnknownCommit().IsMatch(result.StandardError);

    /// <summary>A lock file is in the way.</summary>
    public static bool IsLocked(ProcessResult result) => Locked().IsMatch(result.StandardError);

    /// <summary>The repository on this machine is broken.</summary>
    public static bool IsDamaged(ProcessResult result) => result.StandardError.Split('\n').Any(line => !line.StartsWith("remote:", StringComparison.Ordinal) && Damaged().IsMatch(line));

    /// <summary>The server is at fault, or the way to it, or time ran out: nothing on this machine is broken.</summary>
    public static bool IsOutOfReach(Failure failure) =>
        failure.Evidence is [] || failure.Evidence.Any(evidence => OutOfReach().IsMatch(evidence.Text));

    /// <summary>The server knows who asks, or wants to know, and does not let that one read; a forge also says "not found" to strangers.</summary>
    public static bool IsAboutAccess(Failure failure) => failure.Evidence.Any(evidence =>
        Status().Match(evidence.Text) is { Success: true } match ? match.Groups["status"].Value is "401" or "403" or "404"
        : HostKey().IsMatch(evidence.Text) || Refused().IsMatch(evidence.Text) || NoCredentials().IsMatch(evidence.Text) || NotFound().IsMatch(evidence.Text));

    /// <summary>The folder that git worked in holds none, or none that git can read.</summary>
    public static bool IsNoRepository(Failure failure) => failure.Evidence.Any(evidence => evidence.Text.Contains("fatal: not a git repository (or any", StringComparison.Ordinal));

    private static (FailureKind Kind, string Reason) Classify(string error)
    {
        if (Status().Match(error) is { Success: true } match)
        {
            var status = int.Parse(match.Groups["status"].Value);
            return status switch
            {
                401 or 403 => (FailureKind.Rejected, "the server refused the credentials: "),
                404 or 410 => (FailureKind.Rejected, "not found: "),
                408 or 425 or 429 or >= 500 => (FailureKind.Transient, ""),
                _ => (FailureKind.Rejected, ""),
            };
        }

        // in order: a server that is out of reach makes git add sentences about rights and existence
        return HostKey().IsMatch(error) ? (FailureKind.Rejected, "the server's ssh key is not in the known hosts file: ")
            : NoSpace().IsMatch(error) ? (FailureKind.Transient, "")
            : Refused().IsMatch(error) ? (FailureKind.Rejected, "the server refused the credentials: ")
            : NoCredentials().IsMatch(error) ? (FailureKind.Rejected, "the server asks for credentials, and none are configured that it can use: ")
            : Certificate().IsMatch(error) ? (FailureKind.Rejected, "the server's certificate is not trusted: ")
            : NotFound().IsMatch(error) ? (FailureKind.Rejected, "not found: ")
            : NoRight().IsMatch(error) ? (FailureKind.Rejected, "")
            : (FailureKind.Transient, "");
    }

    /// <summary>The sentence that says it: the first complaint, since later ones follow from it; with what ssh or the server said before a mere "Could not read from remote repository".</summary>
    private static string Essence(string error)
    {
        var lines = error.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).ToList();
        var first = lines.FindIndex(line => Complaint().IsMatch(line));
        return first < 0 ? lines.LastOrDefault() ?? ""
            : first > 0 && Vague().IsMatch(lines[first]) ? $"{lines[first - 1]} ({lines[first]})"
            : lines[first];
    }

    [GeneratedRegex("^(fatal|error): |^Error downloading")]
    private static partial Regex Complaint();

    [GeneratedRegex(@"The requested URL returned error: (?<status>\d{3})|\[(?<status>[45]\d\d)\]|from HTTP (?<status>[45]\d\d)\b")]
    private static partial Regex Status();

    [GeneratedRegex("Host key verification failed|No .* host key is known for|REMOTE HOST IDENTIFICATION HAS CHANGED")]
    private static partial Regex HostKey();

    [GeneratedRegex("No space left on device|Disk quota exceeded")]
    private static partial Regex NoSpace();

    [GeneratedRegex(@"Authentication failed|Permission denied \(|Permission denied, please try again|Invalid username or password|Authentication required|Authorization error|access denied|Load key .*: ", RegexOptions.IgnoreCase)]
    private static partial Regex Refused();

    [GeneratedRegex("could not read (Username|Password)|terminal prompts disabled|unable to get password|Git credentials for .* not found")]
    private static partial Regex NoCredentials();

    [GeneratedRegex("certificate problem|certificate verification failed|server certificate|SSL certificate", RegexOptions.IgnoreCase)]
    private static partial Regex Certificate();

    [GeneratedRegex("repository .* not found|repository not found|does not appear to be a git repository|not a git repository|repository .* does not exist|repository not exported|couldn't find remote ref|Object does not exist|No url found for submodule|did not contain [0-9a-f]{40}", RegexOptions.IgnoreCase)]
    private static partial Regex NotFound();

    [GeneratedRegex("dubious ownership|: Permission denied|insufficient permission|transport '.*' not allowed|Operation not permitted|protocol .* is not supported|is not a valid (branch|ref) name|unable to find remote helper")]
    private static partial Regex NoRight();

    [GeneratedRegex("not our ref|unadvertised object|couldn't find remote ref|no such remote ref|Could not find remote ref|expected .* not found", RegexOptions.IgnoreCase)]
    private static partial Regex UnknownCommit();

    [GeneratedRegex(@"Unable to create '.*\.lock': File exists|cannot lock ref|could not lock config file|\.lock: File exists", RegexOptions.IgnoreCase)]
    private static partial Regex Locked();

    [GeneratedRegex("not a git repository|bad object|loose object .* corrupt|object file .* is empty|object corrupt or missing|packfile .* (is far too short|cannot be accessed|claims)|file .*pack.* is (far too short|not a GIT packfile)|unable to read tree|missing (blob|tree|commit)|bad config (line|variable|file)|did not send all necessary objects|bad tree object|invalid sha1 pointer|unable to (read|parse) (sha1 file|object|commit)|index file (smaller|corrupt)|bad (signature|index file)|pack has bad object|inflate: |could not parse HEAD|reference broken|missing necessary objects", RegexOptions.IgnoreCase)]
    private static partial Regex Damaged();

    [GeneratedRegex("unable to access|Could not resolve|unable to connect|Connection |timed out|too slow|RPC failed|early EOF|hung up|unexpected disconnect|returned error|Network is unreachable|Could not read from remote|dial tcp|batch re(quest|sponse)|Error downloading", RegexOptions.IgnoreCase)]
    private static partial Regex OutOfReach();

    [GeneratedRegex("Could not read from remote repository|the remote end hung up|protocol error: |unable to clone|expected flush")]
    private static partial Regex Vague();
}
