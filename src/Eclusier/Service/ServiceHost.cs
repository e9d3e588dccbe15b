using Eclusier.Adapters.DockerEngine;
using Eclusier.Adapters.Files;
using Eclusier.Core.Stacks;

namespace Eclusier.Service;

/// <summary>Who the service is to run as.</summary>
internal abstract record ServiceIdentity
{
    private ServiceIdentity() { }

    /// <summary>As the unit that is there says; where there is none, a user of its own.</summary>
    public sealed record AsBefore : ServiceIdentity;

    public sealed record Root : ServiceIdentity;

    /// <summary>A user that exists.</summary>
    public sealed record Named(string Name) : ServiceIdentity;

    /// <summary>Whoever asks, in a service manager of their own.</summary>
    public sealed record Oneself : ServiceIdentity;
}

/// <summary>What the unit must be on this host, from what the configuration needs.</summary>
internal static class ServiceHost
{
    /// <summary>The user that is made for the service.</summary>
    public const string OwnUser = "eclusier";

    private static readonly string[] Homes = ["/home/", "/root/", "/run/user/"];

    private static readonly string[] HostTmp = ["/tmp/", "/var/tmp/"];

    /// <param name="account"><c>null</c>: root, or oneself.</param>
    /// <param name="text">The configuration as written: whatever file it names has to be readable.</param>
    public static ServiceUnit UnitFor(AgentSettings settings, string configuration, string text, string program, HostAccount? account, string? engineGroup, bool isOfUser)
    {
        var dockerFolder = Path.Combine(account?.Home ?? "/root", ".docker");
        var engine = DockerEngineOptions.FromEnvironment().Endpoint;
        var named = $"{text}\n{program}\n{configuration}\n{engine}\n{settings.StateDirectory}\n{dockerFolder}";
        return new ServiceUnit
        {
            IsOfUser = isOfUser,
            Program = program,
            Configuration = configuration,
            Account = account,
            EngineGroup = engineGroup,
            Engine = engine == new DockerEngineOptions().Endpoint ? null : engine,
            Writable = [settings.StateDirectory],
            // systemd starts nothing whose folder is missing: one clone that is gone must not keep the service from the other stacks
            WritableIfThere = [.. settings.Stacks.Select(stack => stack.Checkout).OfType<string>().Distinct(), "/run/lock", .. dockerFolder.StartsWith($"{settings.StateDirectory}/", StringComparison.Ordinal) ? [] : new[] { dockerFolder }],
            ListensAtLowPort = settings.Api.Listen.Any(address => address.Port < 1024),
            ReadsHomes = Homes.Any(folder => named.Contains(folder, StringComparison.Ordinal)),
            UsesHostTmp = HostTmp.Any(folder => named.Contains(folder, StringComparison.Ordinal)) || !IsForAll("/run/lock"),
        };
    }

    /// <summary>The group that the engine's socket is opened to.</summary>
    /// <returns><c>null</c>: it is not a socket of this host.</returns>
    /// <exception cref="ServiceException">There is no such socket, or no group may open it.</exception>
    public static uint? GroupOfEngine()
    {
        var endpoint = DockerEngineOptions.FromEnvironment().Endpoint;
        if (!endpoint.StartsWith("unix://", StringComparison.Ordinal))
        {
            return null;
        }

        var socket = endpoint["unix://".Length..];
        var owner = FileOwner.Of(socket) ?? throw new ServiceException($"there is no Docker Engine at {socket}: install and start it first");
        return owner.Group != 0 && File.GetUnixFileMode(socket).HasFlag(UnixFileMode.GroupRead | UnixFileMode.GroupWrite)
            ? owner.Group
            : throw new ServiceException($"only root may open {socket}: give the engine a group for its socket (`groupadd docker`, then start the engine again), or run the service with --as-root");
    }

    /// <summary>What belongs to somebody else, and would not be the service's to write.</summary>
    /// <param name="account">Not root.</param>
    public static async Task<string?> FindForeignAsync(AgentSettings settings, HostAccount account, HostAccounts accounts, CancellationToken cancellationToken)
    {
        foreach (var stack in settings.Stacks.Where(stack => stack.Checkout is not null))
        {
            var owner = FileOwner.Of(stack.Checkout!) ?? throw new ServiceException($"the checkout of stack {stack.Name} is not there: {stack.Checkout}");
            if (owner.User != account.User)
            {
                return $"{stack.Checkout}, the checkout of stack {stack.Name}, belongs to {await NameAsync(owner)}, and {account.Name} could not write to it: "
                    + $"run the service as its owner (--run-as {await NameAsync(owner)}) or as root (--as-root), or give it away (`chown -R {account.Name}: {stack.Checkout}`)";
            }
        }

        return OwnerOfState(settings.StateDirectory) is { IsRoot: false } state && state.User != account.User
            ? $"{settings.StateDirectory} belongs to {await NameAsync(state)}, and {account.Name} could not use it: run the service as its owner (--run-as {await NameAsync(state)}), "
                + $"or give {account.Name} what is theirs in it (`chown --recursive --no-dereference --from={await NameAsync(state)} {account.Name}: {settings.StateDirectory}`)"
            : null;

        async Task<string> NameAsync(FileOwner owner) => (await accounts.FindAsync($"{owner.User}", cancellationToken))?.Name ?? $"{owner.User}";
    }

    /// <summary>Whose the state is.</summary>
    /// <returns><c>null</c>: nobody's yet, so root may give the folder to whoever is to have it: it is not there, or empty as a package leaves it.</returns>
    public static FileOwner? OwnerOfState(string folder) =>
        FileOwner.CanBeChanged && Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any() ? null : FileOwner.Of(folder);

    private static bool IsForAll(string folder) => Directory.Exists(folder) && File.GetUnixFileMode(folder).HasFlag(UnixFileMode.OtherWrite);
}
