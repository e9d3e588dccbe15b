using Eclusier.Core.Access;
using Eclusier.Core.Metrics;
using Eclusier.Core.Notifications;
using Eclusier.Core.Webhooks;

namespace Eclusier.Core.Stacks;

/// <summary>The whole configuration, checked.</summary>
public sealed record AgentSettings
{
    /// <summary>Where Eclusier keeps all it knows; absolute.</summary>
    public string StateDirectory { get; init; } = "/var/lib/eclusier";

    /// <summary>Deployments that may run at the same time, over all stacks.</summary>
    public int MaxParallelDeployments { get; init; } = 2;

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<Stack> Stacks { get; init; } = [];

    public IReadOnlyList<NotifierSettings> Notifiers { get; init; } = [];

    /// <summary>How long a trouble that is tried again by itself must last before it is told.</summary>
    public TimeSpan NotifyWaitingAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Who is called while all is well; <c>null</c>: nobody.</summary>
    public HeartbeatSettings? Heartbeat { get; init; }

    /// <summary>Where the API and the dashboard are reached besides the Unix socket.</summary>
    public ApiSettings Api { get; init; } = new();

    /// <summary>Addresses for webhooks that serve several stacks.</summary>
    public IReadOnlyList<SharedWebhook> Webhooks { get; init; } = [];

    /// <summary>Where metrics are sent; <c>null</c>: nowhere.</summary>
    public TelemetrySettings? Telemetry { get; init; }

    public Stack? Find(StackName name) => Stacks.FirstOrDefault(stack => stack.Name == name);
}
