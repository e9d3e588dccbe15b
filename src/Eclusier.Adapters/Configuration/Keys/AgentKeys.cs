using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Adapters.Configuration.Reading;
using Eclusier.Adapters.Configuration.Yaml;
using Eclusier.Core.Access;
using Eclusier.Core.Metrics;
using Eclusier.Core.Notifications;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The keys at the top of the file.</summary>
internal static class AgentKeys
{
    public static readonly DefaultedKey<string> StateDirectory = new("state_dir", new AbsolutePathFormat(), "/var/lib/eclusier")
    {
        Description = "Where Eclusier keeps all it knows: its database, mirrors of the repositories, releases and work trees. It is made when it is missing.",
        Example = "state_dir: /srv/eclusier",
    };

    public static readonly DefaultedKey<TimeSpan> Interval = new("interval", new DurationFormat("1s", "30d"), "3m")
    {
        Description = "How often each stack's repository is asked for something new, varied by 10 % so that stacks don't ask all at once. A stack can have its own.",
        Example = "interval: 1m",
    };

    public static readonly DefaultedKey<int> MaxParallelDeployments = new("max_parallel_deployments", new WholeNumberFormat(1, 100), "2")
    {
        Description = "How many stacks may be deployed at the same time.",
        Example = "max_parallel_deployments: 1",
    };

    public static readonly Key<IReadOnlyList<KeyValuePair<string, StackEntry>>> Stacks = new(
        "stacks",
        new MapFormat<StackEntry>(
            "a stack's name: lower-case letters, digits, '-' and '_', 1 to 63 of them, beginning with a letter or digit", "stacks", Names.Project(), StackKeys.Group)
        {
            MayBeEmpty = false,
        })
    {
        IsRequired = true,
        Description = """
            The stacks, by name. A name has lower-case letters, digits, `-` and `_`, begins with a letter or digit, and is the name in commands,
            messages and, unless `project` says otherwise, of the Compose project.
            """,
    };

    public static readonly DefaultedKey<IReadOnlyList<KeyValuePair<string, NotifierSettings>>> Notifiers = new(
        "notifiers", new MapFormat<NotifierSettings>("a notifier's name: letters, digits, '-', '_' and '.'", "notifiers", Names.Notifier(), NotifierKeys.Group), "{}")
    {
        Description = """
            Whom to tell, by a name that stacks use in `notify`. What is told when, and the JSON of webhooks: docs/notifications.md. `eclusier notify
            test` sends a test message.
            """,
    };

    public static readonly DefaultedKey<TimeSpan> NotifyWaitingAfter = new("notify_waiting_after", new DurationFormat("1m", "7d"), "15m")
    {
        Description = """
            How long a trouble that is tried again by itself (a registry that does not answer, an image that does not come) must last before
            `waiting` is told.
            """,
        Example = "notify_waiting_after: 1h",
    };

    public static readonly Key<HeartbeatSettings> Heartbeat = new("heartbeat", HeartbeatKeys.Group)
    {
        Description = """
            A dead man's switch: an address (healthchecks.io, Uptime Kuma, …) that is called at each interval while the work on every stack goes on,
            so that somebody is told when this host or its agent is dead.
            """,
        Otherwise = "none",
    };

    public static readonly Key<ApiSettings> Api = new("api", ApiKeys.Group)
    {
        Description = "Where the API and the dashboard are reached besides the Unix socket, and who may. docs/api.md tells what can be asked.",
        Otherwise = "only the Unix socket",
    };

    public static readonly DefaultedKey<IReadOnlyList<KeyValuePair<string, SharedWebhookEntry>>> Webhooks = new(
        "webhooks",
        new MapFormat<SharedWebhookEntry>("a webhook's name: lower-case letters, digits, '-' and '_', beginning with a letter or digit", "webhooks", Names.Project(), WebhookKeys.SharedGroup),
        "{}")
    {
        Description = """
            Webhooks of senders that serve several stacks (an organisation at a forge, a registry), by the name that stands in their address:
            `POST /hooks/<name>`. One stack's own goes under its `webhook`. Step by step for each sender: docs/webhooks.md.
            """,
    };

    public static readonly Key<TelemetrySettings> Telemetry = new("telemetry", TelemetryKeys.Group)
    {
        Description = "Sends the metrics (docs/metrics.md) to an OpenTelemetry receiver. Prometheus needs nothing here: it reads `/metrics`.",
        Otherwise = "nothing is sent",
    };

    public static readonly Group<AgentSettings> Group = new(
        "the configuration", [StateDirectory, Interval, MaxParallelDeployments, Stacks, Notifiers, NotifyWaitingAfter, Heartbeat, Api, Webhooks, Telemetry], [], Build)
    { FreePrefix = "x-" };

    private static AgentSettings Build(GroupReading reading)
    {
        var entries = (reading.Find(Stacks) ?? []).Select(entry => entry.Value).ToArray();
        CheckTwins(entries, "Compose project", StackKeys.Project, entry => entry.Project);
        CheckTwins(entries, "checkout", StackKeys.Checkout, entry => entry.Reading.Find(StackKeys.Checkout));
        CheckNotifiers(reading, entries);
        var webhooks = reading.Value(Webhooks).Select(webhook => webhook.Value).ToArray();
        foreach (var webhook in webhooks) { webhook.Check(NamesUnder(reading, Stacks), entries); }

        var interval = reading.Value(Interval);
        return new AgentSettings
        {
            StateDirectory = reading.Value(StateDirectory),
            MaxParallelDeployments = reading.Value(MaxParallelDeployments),
            Stacks = [.. entries
                .Where(entry => entry.Stack is not null)
                .Select(entry => entry.Stack! with { Interval = entry.Reading.FindValue(StackKeys.Interval) ?? interval })],
            Notifiers = [.. reading.Value(Notifiers).Select(notifier => notifier.Value)],
            NotifyWaitingAfter = reading.Value(NotifyWaitingAfter),
            Heartbeat = reading.Find(Heartbeat),
            Api = reading.Find(Api) ?? new ApiSettings(),
            Webhooks = [.. webhooks.Select(entry => entry.Webhook)],
            Telemetry = reading.Find(Telemetry),
        };
    }

    private static void CheckTwins(IEnumerable<StackEntry> entries, string what, Key key, Func<StackEntry, string?> valueOf)
    {
        var first = new Dictionary<string, StackEntry>();
        foreach (var entry in entries)
        {
            if (valueOf(entry) is not { } value || first.TryAdd(value, entry)) { continue; }

            var message = $"stack '{KeyPath.Show(first[value].Reading.Field.Name)}' (line {first[value].Reading.Field.KeyPosition.Line}) already has this {what}";
            if (entry.Reading.Has(key)) { entry.Reading.FieldOf(key).Fail(message); } else { entry.Reading.Field.FailAtKey(message); }
        }
    }

    private static void CheckNotifiers(GroupReading reading, IEnumerable<StackEntry> entries)
    {
        var names = NamesUnder(reading, Notifiers);
        foreach (var (name, field) in entries.SelectMany(entry => entry.Reading.Value(StackKeys.Notify)))
        {
            if (!names.Contains(name)) { field.Fail($"no notifier has this name{(names.Count == 0 ? "; define it under 'notifiers'" : NearestWord.Hint(name, names))}"); }
        }

        var used = entries.SelectMany(entry => entry.Reading.Value(StackKeys.Notify)).Select(notifier => notifier.Value).ToHashSet();
        foreach (var idle in reading.Value(Notifiers).Where(notifier => !used.Contains(notifier.Key) && !notifier.Value.On.Any(kind => kind is EventKind.AgentStarted or EventKind.DatabaseRebuilt)))
        {
            reading.FieldOf(Notifiers).WarnAtKey($"no stack names '{KeyPath.Show(idle.Key)}' under 'notify': it is never told anything");
        }
    }

    /// <summary>Also those of entries that are wrong in themselves: a mistake is told once.</summary>
    private static IReadOnlyList<string> NamesUnder(GroupReading reading, Key key) =>
        reading.Has(key) && reading.FieldOf(key).Value is YamlValue.Mapping mapping ? [.. mapping.Entries.Select(entry => entry.Key)] : [];
}
