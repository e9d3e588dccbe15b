using Eclusier.Core.Applying;
using Eclusier.Core.Releases;
using Eclusier.Core.Stacks;
using Eclusier.Core.Tests.Fakes;

namespace Eclusier.Core.Tests.Applying;

/// <summary>Two stacks that were taken over may write one tag and mean different images.</summary>
public sealed class SpellingLocksSpecs
{
    private static readonly string[] One = ["shop/web:latest"];

    [Fact]
    public async Task A_name_is_one_stacks_at_a_time()
    {
        var locks = new SpellingLocks();
        var first = await locks.TakeAsync(["shop/web:latest", "db:1"]);
        var second = locks.TakeAsync(["db:1", "shop/web:latest"]);
        var third = locks.TakeAsync(["cache:1"]);
        Assert.True(third.IsCompleted);
        Assert.False(second.IsCompleted);

        first.Dispose();

        (await second).Dispose();
        Assert.True(locks.TakeAsync(One).IsCompleted);
    }

    [Fact]
    public void What_one_stack_tagged_stays_until_its_up_has_read_it()
    {
        using var host = new FakeHost();
        host.Compose.UpTakes = TimeSpan.FromSeconds(10);
        var blog = Some.Stack with { Name = StackName.Parse("blog"), Project = "blog" };
        var (ours, theirs) = (Kept(Some.Stack, "web v1"), Kept(blog, "web v2"));

        host.Clock.Run(() => Task.WhenAll(host.Applier.ApplyAsync(Some.Stack, ours, CancellationToken.None), host.Applier.ApplyAsync(blog, theirs, CancellationToken.None)));

        Assert.Equal(ours.Services[0].ImageId, host.Engine.Of("shop", "web").Single().ImageId);
        Assert.Equal(theirs.Services[0].ImageId, host.Engine.Of("blog", "web").Single().ImageId);

        // a release that keeps the tag as it is written
        Release Kept(Stack stack, string content)
        {
            host.Registry.Push("registry.test/web:latest", content);
            var image = host.Engine.Add(host.Registry.Pinned("registry.test/web:latest"));
            var service = Some.Service("web", content) with { Image = "registry.test/web:latest", ImageId = image.Id, ConfigHash = "" };
            var release = Some.Release(service) with { Stack = stack.Name, Project = stack.Project };
            host.Releases.Publish(release, Some.Model(("web", "registry.test/web:latest")));
            return release;
        }
    }
}
