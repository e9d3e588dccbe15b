namespace Eclusier.Adapters.Git;

/// <summary>Whether git's configuration on this host has a say in how servers are reached by HTTP: then only git can do it right.</summary>
internal sealed class GitHttpSettings(GitProgram git, string folder, TimeProvider timeProvider)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    // ours, and what changes nothing of who is reached how
    private static readonly string[] Harmless =
        ["http.lowspeedlimit", "http.lowspeedtime", "http.postbuffer", "http.useragent", "http.version", "http.maxrequests", "http.minsessions"];

    private (bool AreNone, long At)? known;

    /// <summary>Asks git at most once an hour.</summary>
    /// <exception cref="Core.Deployments.FailureException">git itself cannot be run, or cannot read its configuration.</exception>
    public async ValueTask<bool> AreNoneAsync(CancellationToken cancellationToken)
    {
        if (known is not { } answer || timeProvider.GetElapsedTime(answer.At) > Lifetime)
        {
            Directory.CreateDirectory(folder);
            var names = await git.ListAsync(new GitCommand(folder, "config", "--list", "--name-only", "--null") { Doing = "reading git's configuration" }, cancellationToken);
            answer = (!names.Any(Matters), timeProvider.GetTimestamp());
            known = answer;
        }

        return answer.AreNone;
    }

    private static bool Matters(string name) =>
        (name.StartsWith("http.", StringComparison.Ordinal) && !Harmless.Contains(name, StringComparer.Ordinal))
        || name.StartsWith("url.", StringComparison.Ordinal) // insteadOf
        || name is "protocol.version";
}
