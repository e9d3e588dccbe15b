using System.Globalization;
using Eclusier.Adapters.Processes;

namespace Eclusier.Service;

/// <summary>A user of the host.</summary>
internal sealed record HostAccount(string Name, uint User, string Home);

/// <summary>Users and groups of the host, wherever it has them from.</summary>
internal sealed class HostAccounts(IProcessRunner processes)
{
    private const int NotFound = 2;

    /// <param name="nameOrId"><c>koprogo</c> or <c>1000</c>.</param>
    public async Task<HostAccount?> FindAsync(string nameOrId, CancellationToken cancellationToken) =>
        await AskAsync("passwd", nameOrId, cancellationToken) is [var name, _, var user, _, _, var home, ..] && uint.TryParse(user, CultureInfo.InvariantCulture, out var id)
            ? new HostAccount(name, id, home)
            : null;

    public async Task<string?> FindGroupAsync(uint group, CancellationToken cancellationToken) =>
        (await AskAsync("group", group.ToString(CultureInfo.InvariantCulture), cancellationToken))?[0];

    /// <summary>A user that nobody signs in as.</summary>
    /// <param name="group">One that it belongs to besides its own.</param>
    public async Task<HostAccount> CreateAsync(string name, string home, string? group, CancellationToken cancellationToken)
    {
        await RunAsync(
            new("useradd", ["--system", "--user-group", "--home-dir", home, "--no-create-home", "--shell", "/usr/sbin/nologin", .. group is null ? Array.Empty<string>() : ["--groups", group], name]), cancellationToken);
        return await FindAsync(name, cancellationToken) ?? throw new HostProgramException($"useradd has made the user {name}, but the host does not know it");
    }

    private async Task<string[]?> AskAsync(string database, string key, CancellationToken cancellationToken)
    {
        var answer = await processes.RunAsync(new("getent", database, key), cancellationToken);
        return answer.ExitCode == NotFound ? null
            : answer.Succeeded ? answer.StandardOutput.Trim().Split(':')
            : throw new HostProgramException($"`getent {database} {key}` ended with {answer.ExitCode}: {answer.LastErrorLine}");
    }

    private async Task RunAsync(ProcessSpec spec, CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(spec, cancellationToken);
        if (!result.Succeeded)
        {
            throw new HostProgramException($"`{spec}` ended with {result.ExitCode}: {result.LastErrorLine}");
        }
    }
}

/// <summary>What stands in the way of the service; the message says what to do.</summary>
internal sealed class ServiceException(string message) : Exception(message);

/// <summary>A program of the host that sets up services or users did not do what it should.</summary>
internal sealed class HostProgramException(string message) : Exception(message);
