using System.Diagnostics;
using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Git;

public sealed class LeftoverSpecs : IDisposable
{
    private readonly Host host = new();
    private readonly GitRepository repository;

    public LeftoverSpecs()
    {
        repository = host.Repository();
        repository.Commit("First", ("a", "1"));
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public async Task Lock_files_of_a_killed_git_do_not_stop_the_next_fetch()
    {
        await host.FetchAsync(Host.MainOf(repository.Bare));
        foreach (var name in (string[])["packed-refs.lock", "refs/heads/main.lock", "config.lock", "HEAD.lock"])
        {
            await File.WriteAllTextAsync(Path.Combine(host.OnlyMirror, name), "", Host.Cancellation);
        }

        repository.Commit("Second", ("a", "2"));

        Assert.Equal("Second", (await host.FetchAsync(Host.MainOf(repository.Bare))).Subject);
        Assert.Empty(Directory.GetFiles(host.OnlyMirror, "*.lock", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Lock_files_stay_while_a_git_runs_there()
    {
        await host.FetchAsync(Host.MainOf(repository.Bare));
        await File.WriteAllTextAsync(Path.Combine(host.OnlyMirror, "refs/heads/main.lock"), "", Host.Cancellation);
        using var running = Process.Start(new ProcessStartInfo("git", ["cat-file", "--batch"]) { WorkingDirectory = host.OnlyMirror, RedirectStandardInput = true })!;
        try
        {
            await Task.Delay(200, Host.Cancellation);
            repository.Commit("Second", ("a", "2"));

            var failure = await Assert.ThrowsAsync<FailureException>(() => host.FetchAsync(Host.MainOf(repository.Bare)));

            Assert.Equal(FailureKind.Transient, failure.Kind);
            Assert.True(File.Exists(Path.Combine(host.OnlyMirror, "refs/heads/main.lock")));
        }
        finally
        {
            running.Kill();
        }
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("config")]
    [InlineData("refs")]
    [InlineData("objects")]
    public async Task A_mirror_that_lost_a_part_is_made_anew(string part)
    {
        await host.FetchAsync(Host.MainOf(repository.Bare));
        var path = Path.Combine(host.OnlyMirror, part);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            await File.WriteAllTextAsync(path, "\0\0\0\0", Host.Cancellation);
        }

        repository.Commit("Second", ("a", "2"));

        Assert.Equal("Second", (await host.FetchAsync(Host.MainOf(repository.Bare))).Subject);
    }

    [Fact]
    public async Task A_mirror_with_emptied_objects_is_made_anew()
    {
        await host.FetchAsync(Host.MainOf(repository.Bare)); // what a power cut leaves of files that were not synced
        foreach (var file in Directory.GetFiles(Path.Combine(host.OnlyMirror, "objects"), "*", SearchOption.AllDirectories).Concat(Directory.GetFiles(Path.Combine(host.OnlyMirror, "refs"), "*", SearchOption.AllDirectories)))
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            await File.WriteAllTextAsync(file, "", Host.Cancellation);
        }

        repository.Commit("Second", ("a", "2"));

        Assert.Equal("Second", (await host.FetchAsync(Host.MainOf(repository.Bare))).Subject);
        await host.DeployAsync(Host.Shop(repository.Bare));
    }

    [Fact]
    public async Task Half_a_mirror_is_completed()
    {
        await host.FetchAsync(Host.MainOf(repository.Bare));
        var mirror = host.OnlyMirror;
        Directory.Move(mirror, mirror + ".new"); // killed before it got its name
        await File.WriteAllTextAsync(Path.Combine(mirror + ".new", "config.lock"), "", Host.Cancellation);

        Assert.Equal("First", (await host.FetchAsync(Host.MainOf(repository.Bare))).Subject);
    }

    [Fact]
    public async Task A_damaged_staging_tree_is_made_anew()
    {
        var stack = Host.Shop(repository.Bare);
        var staging = (await host.StageAsync(stack)).Path;
        await File.WriteAllTextAsync(Path.Combine(staging, ".git/index"), "nonsense", Host.Cancellation);
        await File.WriteAllTextAsync(Path.Combine(staging, ".git/index.lock"), "", Host.Cancellation);
        Assert.Equal("1", await File.ReadAllTextAsync(Path.Combine((await host.StageAsync(stack)).Path, "a"), Host.Cancellation));

        File.Delete(Path.Combine(staging, ".git/HEAD"));
        Assert.Equal("1", await File.ReadAllTextAsync(Path.Combine((await host.StageAsync(stack)).Path, "a"), Host.Cancellation));
    }

    [Fact]
    public async Task A_move_that_is_killed_anywhere_can_be_made_again()
    {
        var stack = Host.Shop(repository.Bare);
        repository.Commit("Many", [.. Enumerable.Range(0, 1500).Select(number => ($"folder/file{number}", $"{number}\n"))]);
        await host.DeployAsync(stack);
        repository.Commit("Others", [.. Enumerable.Range(0, 1500).Select(number => ($"folder/file{number}", $"other {number}\n"))]);
        var revision = await host.FetchAsync(stack.Source);
        await host.WorkTree.StageAsync(stack, revision, Host.Cancellation);
        var work = host.WorkTree.PathOf(stack);

        for (var milliseconds = 5; milliseconds <= 35; milliseconds += 15)
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["reset", "--quiet", "--hard", revision.Commit.Value]) { WorkingDirectory = work, RedirectStandardError = true })!;
            await Task.Delay(milliseconds, Host.Cancellation);
            git.Kill();
            await git.WaitForExitAsync(Host.Cancellation);
            await host.WorkTree.MoveAsync(stack, revision.Commit, [], Host.Cancellation);

            Assert.Equal("other 1499\n", host.ReadWork(stack, "folder/file1499"));
            Assert.Equal("", GitRepository.GitIn(work, "status", "--porcelain"));
            await host.WorkTree.MoveAsync(stack, CommitId.Parse(repository.Git("rev-parse", "HEAD~1")), [], Host.Cancellation);
        }
    }
}
