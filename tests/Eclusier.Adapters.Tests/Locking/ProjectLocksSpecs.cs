using System.Diagnostics;
using Eclusier.Adapters.Locking;
using Eclusier.Adapters.Tests.Sqlite;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using Microsoft.Extensions.Time.Testing;

namespace Eclusier.Adapters.Tests.Locking;

/// <summary>Two agents with different state folders on one host.</summary>
public sealed class ProjectLocksSpecs : IDisposable
{
    private const string Engine = "unix:///var/run/docker.sock";

    private readonly ScratchFolder scratch = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 9, 1, 12, 0, 0, TimeSpan.Zero));

    public ProjectLocksSpecs() => Directory.CreateDirectory(scratch["lock"]);

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void Who_comes_second_is_told_who_handles_the_project_and_what_that_one_does()
    {
        using var first = Take(Some("shop"));
        first.Describe(Some("shop"), Engine, "deploying stack shop since 13:05 UTC");

        Assert.Equal(
            $"the Compose project shop of stack shop is handled by monitor of /srv/one (pid {Environment.ProcessId}, since 2026-09-01 12:00:00 UTC; deploying stack shop since 13:05 UTC)",
            Conflict(Some("shop")));
        first.Describe(Some("shop"), Engine, "");
        Assert.DoesNotContain("deploying", Conflict(Some("shop")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_done_on_one_stack_is_told_of_its_project_alone()
    {
        using var first = Take(Some("shop"), Some("blog"));
        first.Describe(Some("shop"), Engine, "deploying stack shop since 13:05 UTC");

        Assert.Contains("deploying", Conflict(Some("shop")), StringComparison.Ordinal);
        Assert.DoesNotContain("deploying", Conflict(Some("blog")), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_projects_and_other_engines_are_nobodys_conflict()
    {
        using var first = Take(Some("shop"));
        using var other = Take(Some("blog"));
        using var remote = Take("tcp://10.0.0.9:2375", Some("shop"));
    }

    [Fact]
    public void The_same_engine_by_another_spelling_is_the_same()
    {
        using var first = Take("unix:///run/docker.sock", Some("shop"));

        Assert.Contains("project shop", Conflict(Some("shop")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_work_tree_belongs_to_one_agent_whatever_the_project()
    {
        using var first = Take(Some("shop") with { Checkout = "/home/ada/shop" });

        Assert.StartsWith("the work tree /home/ada/shop/ of stack blog is handled by", Conflict(Some("blog") with { Checkout = "/home/ada/shop/" }), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_new_configuration_needs_is_taken_as_a_whole_and_what_it_does_not_need_is_given_back()
    {
        using var first = Take(Some("shop"), Some("blog"));
        using var other = Take(Some("wiki"));

        Assert.False(first.TryTakeMore([Some("shop"), Some("news"), Some("wiki")], Engine, [scratch["lock"]], out var conflict));
        Assert.StartsWith("the Compose project wiki of stack wiki is handled by", conflict, StringComparison.Ordinal);
        Take(Some("news")).Dispose(); // nothing of it was taken

        Assert.True(first.TryTakeMore([Some("shop"), Some("news")], Engine, [scratch["lock"]], out _));
        Assert.Contains("project news", Conflict(Some("news")), StringComparison.Ordinal);
        first.KeepOnly([Some("shop"), Some("news")], Engine);
        Take(Some("blog")).Dispose();
        Assert.Contains("project shop", Conflict(Some("shop")), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_gets_one_of_several_gets_none()
    {
        using var first = Take(Some("shop"));

        Assert.NotEmpty(Conflict(Some("blog"), Some("shop")));

        using var third = Take(Some("blog"));
    }

    [Fact]
    public void A_lock_given_back_can_be_taken_by_the_next()
    {
        Take(Some("shop")).Dispose();

        using var second = Take(Some("shop"));
    }

    [Fact]
    public async Task A_lock_dies_with_its_owner()
    {
        Take(Some("shop")).Dispose();
        var file = Assert.Single(Directory.GetFiles(scratch["lock"]));
        using var owner = Process.Start(new ProcessStartInfo("flock", ["--nonblock", "--no-fork", file, "sh", "-c", "echo taken; exec sleep 60"]) { RedirectStandardOutput = true })!;
        Assert.Equal("taken", await owner.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.Equal("the Compose project shop of stack shop is handled by another process", Conflict(Some("shop")));

        owner.Kill();
        await owner.WaitForExitAsync(TestContext.Current.CancellationToken);

        using var next = Take(Some("shop"));
    }

    [Fact]
    public void A_folder_that_cannot_be_used_keeps_nobody_from_working()
    {
        Assert.True(ProjectLocks.TryTake([Some("shop")], Engine, "monitor", ["/proc/self", scratch["missing"]], time, out var taken, out _));
        taken.Dispose();
    }

    [Fact]
    public void A_link_in_the_files_place_is_not_followed()
    {
        Take(Some("shop")).Dispose();
        var file = Assert.Single(Directory.GetFiles(scratch["lock"]));
        File.Delete(file);
        File.WriteAllText(scratch["precious"], "mine");
        File.CreateSymbolicLink(file, scratch["precious"]);

        Take(Some("shop")).Dispose();

        Assert.Equal("mine", File.ReadAllText(scratch["precious"]));
    }

    private static Stack Some(string name) => new(StackName.Parse(name), new Source("https://git.test/shop.git", new RevisionSelector.Branch("main")));

    private ProjectLocks Take(params Stack[] stacks) => Take(Engine, stacks);

    private ProjectLocks Take(string engine, params Stack[] stacks)
    {
        Assert.True(ProjectLocks.TryTake(stacks, engine, "monitor of /srv/one", [scratch["lock"]], time, out var taken, out var conflict), conflict);
        return taken;
    }

    private string Conflict(params Stack[] stacks)
    {
        Assert.False(ProjectLocks.TryTake(stacks, Engine, "monitor of /srv/two", [scratch["lock"]], time, out var taken, out var conflict));
        Assert.Null(taken);
        return conflict;
    }
}
