namespace Eclusier.Service;

/// <summary>All that differs between one host's unit and another's.</summary>
internal sealed record ServiceUnit
{
    public const string FileName = "eclusier.service";

    /// <summary>Variables for the configuration's <c>${NAME}</c>, and for proxies: a line each.</summary>
    public const string EnvironmentFile = "/etc/eclusier/environment";

    private const string UsualState = "/var/lib/eclusier";

    /// <summary>It comes with a package: it must do on any host, and start nothing where nothing is configured.</summary>
    public bool IsOfPackage { get; init; }

    /// <summary>It belongs to a user's own service manager, which cannot give or take as much as the host's.</summary>
    public bool IsOfUser { get; init; }

    public required string Program { get; init; }

    /// <summary>The configuration file; absolute.</summary>
    public required string Configuration { get; init; }

    /// <summary>Who it runs as; <c>null</c>: root, or whoever's service manager it is.</summary>
    public HostAccount? Account { get; init; }

    /// <summary>The group that may open the engine's socket, where that is needed.</summary>
    public string? EngineGroup { get; init; }

    /// <summary>The engine, where it is not the usual one: <c>DOCKER_HOST</c>.</summary>
    public string? Engine { get; init; }

    /// <summary>Existing folders that it writes to.</summary>
    public IReadOnlyList<string> Writable { get; init; } = [];

    /// <summary>Folders that it writes to where they are there.</summary>
    public IReadOnlyList<string> WritableIfThere { get; init; } = [];

    /// <summary>It listens at a port that is root's.</summary>
    public bool ListensAtLowPort { get; init; }

    /// <summary>It needs to read something under <c>/home</c> or <c>/root</c>.</summary>
    public bool ReadsHomes { get; init; }

    /// <summary>It needs the host's <c>/tmp</c>.</summary>
    public bool UsesHostTmp { get; init; }

    private string[] ForLowPorts => ListensAtLowPort ? ["CAP_NET_BIND_SERVICE"] : [];

    private bool IsRoot => !IsOfUser && Account is null;

    /// <summary>Who it runs as and what it may do there: what a check beforehand must not have more of.</summary>
    public IReadOnlyList<string> Sandbox =>
    [
        .. Who(),
        .. IsOfUser ? [] : Rooms(),
        "NoNewPrivileges=yes",
        "LockPersonality=yes",
        "MemoryDenyWriteExecute=yes",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        "RestrictNamespaces=yes",
        "RestrictRealtime=yes",
        "RestrictSUIDSGID=yes",
        "SystemCallArchitectures=native",
        "SystemCallFilter=@system-service",
        "SystemCallErrorNumber=EPERM",
        "UMask=0077",
    ];

    private string Origin => IsOfPackage
        ? "# Comes with the package. `eclusier service install` writes one into /etc/systemd/system where the configuration needs another (checkouts, another user)."
        : $"# Written by `eclusier service install`, which writes it anew: put your own into a drop-in (`systemctl {(IsOfUser ? "--user " : "")}edit eclusier`).";

    /// <summary>What a package brings: for a user <c>eclusier</c>, and the usual places.</summary>
    public static ServiceUnit OfPackage(string program, string configuration) => new()
    {
        IsOfPackage = true,
        Program = program,
        Configuration = configuration,
        Account = new HostAccount(ServiceHost.OwnUser, uint.MaxValue, UsualState),
        EngineGroup = "docker",
        Writable = [UsualState],
        WritableIfThere = ["/run/lock"],
    };

    public string ToText() => string.Join('\n',
    [
        Origin,
        "[Unit]",
        "Description=Eclusier, keeper of Docker Compose stacks",
        .. IsOfPackage ? new[] { "Documentation=man:eclusier(1)", $"ConditionPathExists={Quoted(Configuration)}" } : [],
        .. IsOfUser ? [] : new[] { "Wants=network-online.target", "After=network-online.target docker.service" },
        "# it is never given up: what agents die of again and again, the sixth one leaves alone",
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=notify",
        "NotifyAccess=main",
        $"ExecStart={InExec(Program)} monitor --config {InExec(Configuration)}",
        $"ExecReload={InExec(Program)} reload --config {InExec(Configuration)}",
        "Restart=always",
        "RestartSec=5",
        "TimeoutStartSec=120",
        "# told while the work on every stack goes on; what hangs may not heed SIGABRT",
        "WatchdogSec=180",
        "WatchdogSignal=SIGKILL",
        "# the agent brings what runs to its end, a rollback too",
        "KillMode=mixed",
        "TimeoutStopSec=120",
        .. IsOfUser ? [] : new[] { "RuntimeDirectory=eclusier" },
        "",
        .. Sandbox,
        "",
        "[Install]",
        $"WantedBy={(IsOfUser ? "default.target" : "multi-user.target")}",
        "",
    ]);

    private IEnumerable<string> Who()
    {
        if (!IsOfUser)
        {
            yield return $"EnvironmentFile=-{EnvironmentFile}";
        }

        if (Engine is not null)
        {
            yield return $"Environment={Quoted($"DOCKER_HOST={Engine}")}";
        }

        if (Account is not null)
        {
            yield return $"User={Account.Name}";
        }

        if (EngineGroup is not null)
        {
            yield return $"SupplementaryGroups={EngineGroup}";
        }
    }

    private IEnumerable<string> Rooms() =>
    [
        // root keeps what it needs for files of other owners
        $"CapabilityBoundingSet={string.Join(' ', (IsRoot ? ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL"] : Array.Empty<string>()).Concat(ForLowPorts))}",
        .. IsRoot ? [] : ForLowPorts.Select(capability => $"AmbientCapabilities={capability}"),
        "ProtectSystem=strict",
        $"ReadWritePaths={string.Join(' ', Writable.Select(Quoted).Concat(WritableIfThere.Select(path => Quoted($"-{path}"))))}",
        $"ProtectHome={(ReadsHomes ? "read-only" : "yes")}",
        $"PrivateTmp={(UsesHostTmp ? "no" : "yes")}",
        "PrivateDevices=yes",
        "DevicePolicy=closed",
        "ProtectClock=yes",
        "ProtectControlGroups=yes",
        "ProtectHostname=yes",
        "ProtectKernelLogs=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelTunables=yes",
        "ProtectProc=invisible",
        "RemoveIPC=yes",
        "KeyringMode=private",
    ];

    /// <summary>A word of a command line; a dollar sign is none of a variable's.</summary>
    private static string InExec(string word) => Quoted(word.Replace("$", "$$", StringComparison.Ordinal));

    /// <summary>A word of a list; a percent sign is none of a specifier's.</summary>
    private static string Quoted(string word)
    {
        var plain = word.Replace("%", "%%", StringComparison.Ordinal);
        return plain.All(character => char.IsAsciiLetterOrDigit(character) || "/._-=:@%$".Contains(character, StringComparison.Ordinal))
            ? plain
            : $"\"{plain.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }
}
