using Eclusier.Adapters.Configuration.Formats;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Configuration.Keys;

/// <summary>The keys of <c>images</c>.</summary>
internal static class ImageKeys
{
    public static readonly DefaultedKey<TimeSpan> Wait = new("wait", new DurationFormat("0s", "7d"), "15m")
    {
        Description = """
            How long an image that the registry does not have yet is waited for: CI often pushes it some minutes after the commit. Nothing else is
            deployed in its place, and a newer commit ends the wait.
            """,
        Example = "wait: 30m",
    };

    public static readonly Key<Follow> Follow = new("follow", new FollowFormat(Names.ServiceFormat()))
    {
        Description = "Services that are redeployed when their image's tag moves in the registry, without a commit. `all` follows every service.",
        Otherwise = "none",
        Example = "follow: [backend, frontend]",
    };

    public static readonly DefaultedKey<TimeSpan> Interval = new("interval", new DurationFormat("1s", "30d"), "5m")
    {
        Description = "How often followed tags are looked up.",
        Example = "interval: 10m",
    };

    public static readonly DefaultedKey<TimeSpan> MinAge = new("min_age", new DurationFormat("0s", "365d"), "0s")
    {
        Description = """
            So long after Eclusier first saw it, what a followed tag moved to is taken: time in which a bad or stolen build is noticed by others. Until
            then the stack keeps to what the tag pointed to before, also when a commit is deployed; `status` says what is held back until when. The
            first deployment of a tag, and a commit that names another one, do not wait. Not for services of `expect_label`: what was built from
            a commit is new when the commit is.
            """,
        Example = "min_age: 24h",
    };

    public static readonly DefaultedKey<IReadOnlyList<KeyValuePair<string, string>>> ExpectLabel = new(
        "expect_label", new MapFormat<string>("the name of a label", "labels and their values", Names.Label(), new EnvironmentValueFormat("a label's value") { IsSensitive = true }), "{}")
    {
        Description = """
            What labels of the images must say before a release is deployed: where CI moves a tag some minutes after the commit, the tag exists but
            still points to the build before. The release waits for it as for an image that is not there (`wait`). A value may hold `{branch}`,
            `{commit}` and `{commit7}`. Asked of the registry, nothing is pulled. Images that are built here or named by digest are left out.
            """,
        Example = "expect_label: { org.opencontainers.image.revision: \"{commit}\" }",
    };

    public static readonly Key<Follow> ExpectLabelOn = new("expect_label_on", new FollowFormat(Names.ServiceFormat()))
    {
        Description = "The services whose images come from this repository and must have the labels of `expect_label`; `all` is what counts without it.",
        Otherwise = "`all`",
        Example = "expect_label_on: [backend, frontend]",
    };

    public static readonly Group<ImagePolicy> Group = new("images", [Wait, Follow, Interval, MinAge, ExpectLabel, ExpectLabelOn], [new KeyRule.OnlyWith(MinAge, Follow), new KeyRule.OnlyWith(ExpectLabelOn, ExpectLabel), new KeyRule.NotWith(MinAge, FindServiceOfBoth)], reading => new ImagePolicy
    {
        Wait = reading.Value(Wait),
        Follow = reading.Find(Follow)?.Services ?? [],
        FollowsAll = reading.Find(Follow)?.All ?? false,
        Interval = reading.Value(Interval),
        MinAge = reading.Value(MinAge),
        ExpectedLabels = new Dictionary<string, string>(reading.Value(ExpectLabel)),
        ExpectedOn = reading.Find(ExpectLabelOn)?.Services ?? [],
    });

    /// <summary>One waits until the image is old, the other takes only the one that the commit has just brought: they never agree.</summary>
    private static string? FindServiceOfBoth(GroupReading reading)
    {
        if (reading.Value(MinAge) == TimeSpan.Zero || reading.Value(ExpectLabel).Count == 0 || reading.Find(Follow) is not { } follow)
        {
            return null;
        }

        var on = reading.Find(ExpectLabelOn);
        var both = follow.All ? on?.Services ?? [] : on is null or { All: true } ? follow.Services : [.. follow.Services.Intersect(on.Services)];
        var isEverywhere = follow.All && (on is null || on.All);
        return isEverywhere || both.Count > 0
            ? $"contradicts '{ExpectLabel.Name}' in line {reading.FieldOf(ExpectLabel).KeyPosition.Line} for {(isEverywhere ? "every service" : string.Join(", ", both))}: what was built from a commit is never old enough; name only other services in '{Follow.Name}' or '{ExpectLabelOn.Name}'"
            : null;
    }
}
