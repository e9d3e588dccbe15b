using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class ExpectedLabelSpecs : IDisposable
{
    private const string Label = "org.opencontainers.image.revision";

    private static readonly Stack Expecting = Some.Stack with
    {
        Images = new ImagePolicy { Wait = TimeSpan.FromMinutes(15), ExpectedLabels = new Dictionary<string, string> { [Label] = "{commit}" }, ExpectedOn = ["web"] },
    };

    private readonly FakeHost host = new();

    public void Dispose() => host.Dispose();

    [Fact]
    public void A_tag_that_still_points_to_the_build_before_is_waited_for()
    {
        var first = Build("web v1", null);
        Assert.IsType<Outcome.Committed>(host.Poll(Expecting));

        var second = host.Repository.Commit(Some.Model(("web", "registry.test/web:latest")).With("web", "command", "two"), "second");
        var waiting = Assert.IsType<Outcome.Waiting>(host.Poll(Expecting));
        Assert.Equal(
            $"registry.test/web:latest is not the build of {second.Id.Short} yet: its label {Label} is '{first}', and '{second.Id}' is expected (`images.expect_label`)", waiting.Message);
        Assert.Equal(host.Clock.GetUtcNow() + TimeSpan.FromMinutes(15), waiting.Until);
        Assert.True(host.Runs("web v1"));

        Push("web v2", second.Id.Value);
        Assert.IsType<Outcome.Committed>(host.Poll(Expecting));
        Assert.True(host.Runs("web v2"));
    }

    [Fact]
    public void At_the_deadline_it_is_reported_and_nothing_was_touched()
    {
        Build("web v1", "somebody else's");
        Assert.IsType<Outcome.Waiting>(host.Poll(Expecting));
        host.Clock.Pass(TimeSpan.FromMinutes(16));

        Assert.IsType<Outcome.Expired>(host.Poll(Expecting));

        Assert.Empty(host.Calls.Touches);
    }

    [Fact]
    public void An_image_without_the_label_is_waited_for()
    {
        host.Push("v1");

        Assert.Contains($"its label {Label} is not there", Assert.IsType<Outcome.Waiting>(host.Poll(Expecting)).Message);
    }

    [Fact]
    public void Images_of_other_services_and_images_by_digest_need_no_label()
    {
        var digest = host.Registry.Push("registry.test/web:latest", "web v1");
        host.Registry.Push("registry.test/db:16", "db 16");
        host.Repository.Commit(Some.Model(("web", $"registry.test/web@{digest}"), ("db", "registry.test/db:16")));

        Assert.IsType<Outcome.Committed>(host.Poll(Expecting));
    }

    /// <summary>A commit, then an image that says it was built from it, or from something else.</summary>
    private string Build(string content, string? revision)
    {
        host.Registry.Push("registry.test/web:latest", content);
        var commit = host.Repository.Commit(Some.Model(("web", "registry.test/web:latest")), content);
        Push(content, revision ?? commit.Id.Value);
        return commit.Id.Value;
    }

    private void Push(string content, string revision) =>
        host.Registry.Labels[host.Registry.Push("registry.test/web:latest", content)] = new Dictionary<string, string> { [Label] = revision };
}
