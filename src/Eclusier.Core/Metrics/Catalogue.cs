namespace Eclusier.Core.Metrics;

/// <summary>Everything that is measured; docs/metrics.md explains it.</summary>
public static class Catalogue
{
    // stacks, as the journal knows them
    public static readonly Metric Running = Gauge("eclusier_stack_running_info", "1", "The release that runs and its commit; always 1.", "stack", "release", "commit");
    public static readonly Metric Desired = Gauge("eclusier_stack_desired_info", "1", "What the source points to; always 1.", "stack", "ref", "commit");
    public static readonly Metric Behind = Gauge("eclusier_stack_behind_seconds", "s", "How long the source has pointed to something that does not run; 0 when it runs.", "stack");
    public static readonly Metric LastSuccess = Gauge("eclusier_stack_last_success_timestamp_seconds", "s", "When a release last passed and became last known good, as Unix time.", "stack");
    public static readonly Metric LastCheck = Gauge("eclusier_stack_last_check_timestamp_seconds", "s", "When the stack was last looked at, as Unix time.", "stack");
    public static readonly Metric Suspended = Gauge("eclusier_stack_suspended", "1", "1 while the stack is suspended.", "stack");
    public static readonly Metric Quarantined = Gauge("eclusier_stack_quarantined_releases", "1", "How many releases are in quarantine.", "stack");
    public static readonly Metric Drifted = Gauge("eclusier_stack_drifted", "1", "1 while what runs differs from the release without a git change.", "stack");
    public static readonly Metric Stuck = Gauge("eclusier_stack_stuck", "1", "1 while the work on the stack does not go on, for longer than anything may take.", "stack");

    // stacks, as they are now
    public static readonly Metric State = Gauge("eclusier_stack_state", "1", "1 for the state that the stack is in, as eclusier status tells it.", "stack", "state");
    public static readonly Metric Healthy = Gauge("eclusier_stack_healthy", "1", "1 while all containers of the last known good release are as they should be.", "stack");
    public static readonly Metric RollbackPossible = Gauge("eclusier_stack_rollback_possible", "1", "1 while everything that a rollback needs is on this host.", "stack");

    // what was done
    public static readonly Metric Deployments = Lasting(MetricKind.Counter, "eclusier_deployments_total", "1", "Deployments that ended, by how.", "stack", "result");
    public static readonly Metric DeploymentDuration = Lasting(MetricKind.Histogram, "eclusier_deployment_duration_seconds", "s", "How long deployments took, from their first step to their end.", "result");
    public static readonly Metric StepDuration = Lasting(MetricKind.Histogram, "eclusier_deployment_step_duration_seconds", "s", "How long the steps of deployments took.", "step");
    public static readonly Metric Checks = Counter("eclusier_checks_total", "Looks at a stack, by what made it be looked at.", "stack", "trigger");
    public static readonly Metric CheckDuration = Since(MetricKind.Histogram, "eclusier_check_duration_seconds", "s", "How long looks took that deployed nothing.");
    public static readonly Metric SourceRequests = Counter("eclusier_source_requests_total", "Questions to git servers where a branch or tag points to, by how they ended.", "result");
    public static readonly Metric SourceRequestDuration = Since(MetricKind.Histogram, "eclusier_source_request_duration_seconds", "s", "How long git servers took to answer.");
    public static readonly Metric RegistryRequests = Counter("eclusier_registry_requests_total", "Questions to image registries, by how they ended.", "result");
    public static readonly Metric RegistryRequestDuration = Since(MetricKind.Histogram, "eclusier_registry_request_duration_seconds", "s", "How long image registries took to answer.");
    public static readonly Metric Webhooks = Counter("eclusier_webhooks_total", "Webhooks that came, by what became of them.", "result");

    // who is told
    public static readonly Metric Outstanding = Gauge("eclusier_notifications_outstanding", "1", "Messages that are not delivered yet.", "notifier");
    public static readonly Metric OldestOutstanding = Gauge("eclusier_notifications_oldest_outstanding_seconds", "s", "How old the oldest message is that is not delivered yet; 0 when there is none.", "notifier");
    public static readonly Metric GivenUp = Gauge("eclusier_notifications_given_up", "1", "Messages of the last 30 days that were never delivered.", "notifier");

    // the agent
    public static readonly Metric Build = Gauge("eclusier_build_info", "1", "The agent's version; always 1.", "version");
    public static readonly Metric Stacks = Gauge("eclusier_stacks", "1", "How many stacks are configured.");
    public static readonly Metric StartTime = Gauge("process_start_time_seconds", "s", "When the agent started, as Unix time.");
    public static readonly Metric Cpu = Since(MetricKind.Counter, "process_cpu_seconds_total", "s", "CPU time of the agent itself, without the programs it starts.");
    public static readonly Metric Memory = Gauge("process_resident_memory_bytes", "By", "Resident memory of the agent.");
    public static readonly Metric OpenFiles = Gauge("process_open_fds", "1", "File descriptors that the agent has open.");

    public static IReadOnlyList<Metric> All { get; } =
    [
        Running, Desired, Behind, LastSuccess, LastCheck, Suspended, Quarantined, Drifted, Stuck, State, Healthy, RollbackPossible,
        Deployments, DeploymentDuration, StepDuration, Checks, CheckDuration, SourceRequests, SourceRequestDuration, RegistryRequests, RegistryRequestDuration, Webhooks,
        Outstanding, OldestOutstanding, GivenUp, Build, Stacks, StartTime, Cpu, Memory, OpenFiles,
    ];

    private static Metric Gauge(string name, string unit, string help, params IReadOnlyList<string> labels) => new(name, MetricKind.Gauge, unit, help, labels);

    private static Metric Counter(string name, string help, params IReadOnlyList<string> labels) => Since(MetricKind.Counter, name, "1", help, labels);

    private static Metric Since(MetricKind kind, string name, string unit, string help, params IReadOnlyList<string> labels) => new(name, kind, unit, help, labels) { IsSinceStart = true };

    private static Metric Lasting(MetricKind kind, string name, string unit, string help, params IReadOnlyList<string> labels) => new(name, kind, unit, help, labels);
}
