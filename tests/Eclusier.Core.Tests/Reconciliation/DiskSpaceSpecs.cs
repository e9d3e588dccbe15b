using Eclusier.Core.Deployments;
using Eclusier.Core.Images;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Reconciliation;

public sealed class DiskSpaceSpecs : IDisposable
{
    private const long Million = 1_000_000;

    private static readonly ImageLayer Base = new("base", 100 * Million);

    private readonly FakeHost host = new();

    public DiskSpaceSpecs()
    {
        Push("v1", new ImageLayer("one", 5 * Million));
        host.Poll();
        host.Engine.Layers[host.Engine.Find($"registry.test/web@{Some.Digest("web v1")}")!.Id] = ["base", "one"];
        host.Calls.Clear();
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public void An_image_that_does_not_fit_is_not_pulled_and_tried_again()
    {
        Push("v2", new ImageLayer("two", 30 * Million));
        host.Engine.FreeSpace = 59 * Million;

        var outcome = Assert.IsType<Outcome.Unavailable>(host.Poll());

        Assert.Equal("the disk on which the Docker Engine keeps its images has not enough space for this release: 60 MB are needed at least, 59 MB are free; nothing was touched", outcome.Message);
        Assert.Empty(host.Calls.Of("pull"));
        Assert.True(host.Runs("web v1"));

        host.Engine.FreeSpace = 60 * Million;
        Assert.IsType<Outcome.Committed>(host.Poll());
    }

    [Fact]
    public void Layers_that_are_new_count_once()
    {
        Push("v2", new ImageLayer("two", 30 * Million), new ImageLayer("two", 30 * Million));
        host.Engine.FreeSpace = 60 * Million;

        Assert.IsType<Outcome.Committed>(host.Poll());
    }

    [Fact]
    public void Where_there_is_plenty_nobody_asks_how_much_is_needed()
    {
        Push("v2", new ImageLayer("two", long.MaxValue / 4));
        host.Engine.FreeSpace = 1L << 40;

        Assert.IsType<Outcome.Committed>(host.Poll());
    }

    [Fact]
    public void An_engine_whose_disk_cannot_be_seen_pulls()
    {
        Push("v2", new ImageLayer("two", 30 * Million));

        Assert.IsType<Outcome.Committed>(host.Poll());
    }

    private void Push(string tag, params IReadOnlyList<ImageLayer> layers)
    {
        host.Push(tag);
        host.Registry.Layers[Some.Digest($"web {tag}")] = [Base, .. layers];
    }
}
