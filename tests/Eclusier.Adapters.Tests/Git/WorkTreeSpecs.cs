using Eclusier.Adapters.Files;
using Eclusier.Core.Deployments;
using Eclusier.Core.Sources;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Git;

public sealed class WorkTreeSpecs : IDisposable
{
    private readonly Host host = new();
    private readonly GitRepository repository;

    public WorkTreeSpecs()
    {
        repository = host.Repository();
        repository.Commit("First", ("compose.yaml", "services: {}\n"), ("deploy/app.conf", "one\n"), (".gitignore", "*.env\ndata/\n"));
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public async Task Staging_lays_out_the_tree_and_leaves_the_work_tree_alone()
    {
        var stack = Host.Shop(repository.Bare);
        await host.DeployAsync(stack);
        repository.Commit("Second", ("deploy/app.conf", "two\n"), ("deploy/new", "new\n"));

        var staged = await host.StageAsync(stack);

        Assert.Equal("two\n", await File.ReadAllTextAsync(Path.Combine(staged.Path, "deploy/app.conf"), Host.Cancellation));
        Assert.Equal("one\n", host.ReadWork(stack, "deploy/app.conf"));
        Assert.Equal(repository.Git("rev-parse", "HEAD~1"), (await host.WorkTree.ReadCommitAsync(stack, Host.Cancellation))!.Value);
        Assert.Equal(repository.Git("rev-parse", "HEAD^{tree}"), staged.ObjectIds[""]);
        Assert.Equal(repository.Git("rev-parse", "HEAD:deploy"), staged.ObjectIds["deploy"]);
        Assert.Equal(repository.Git("rev-parse", "HEAD:deploy/app.conf"), staged.ObjectIds["deploy/app.conf"]);
        Assert.Equal(6, staged.ObjectIds.Count);
    }

    [Fact]
    public async Task Edits_moves_and_deletions_are_found_and_the_index_is_left_alone()
    {
        var stack = Host.Shop(repository.Bare);
        Assert.Empty(await host.WorkTree.FindEditsAsync(stack, CommitId.Parse(repository.Head), Host.Cancellation)); // there is no work tree yet
        await host.DeployAsync(stack);
        var commit = CommitId.Parse(repository.Head);
        var folder = host.WorkTree.PathOf(stack);
        var index = File.GetLastWriteTimeUtc(Path.Combine(folder, ".git", "index"));
        Assert.Empty(await host.WorkTree.FindEditsAsync(stack, commit, Host.Cancellation));

        File.SetLastWriteTimeUtc(Path.Combine(folder, "compose.yaml"), DateTime.UtcNow.AddMinutes(-1)); // touched, not edited
        host.WriteWork(stack, "notes.txt", "mine");
        Assert.Empty(await host.WorkTree.FindEditsAsync(stack, commit, Host.Cancellation));

        host.WriteWork(stack, "deploy/app.conf", "edited\n");
        Assert.Equal(["deploy/app.conf"], await host.WorkTree.FindEditsAsync(stack, commit, Host.Cancellation));

        File.Delete(Path.Combine(folder, "compose.yaml"));
        Assert.Equal(["compose.yaml", "deploy/app.conf"], await host.WorkTree.FindEditsAsync(stack, commit, Host.Cancellation));
        Assert.Equal(index, File.GetLastWriteTimeUtc(Path.Combine(folder, ".git", "index")));

        repository.Commit("Second", ("late.conf", "two\n"));
        await host.DeployAsync(stack);
        Assert.Empty(await host.WorkTree.FindEditsAsync(stack, CommitId.Parse(repository.Head), Host.Cancellation));
        Assert.Equal(["late.conf"], await host.WorkTree.FindEditsAsync(stack, commit, Host.Cancellation)); // at another commit than that

        repository.Commit("Third", ("late.conf", "three\n"));
        var ahead = (await host.FetchAsync(stack.Source)).Commit; // the work tree's repository does not have it yet
        Assert.Equal(["late.conf"], await host.WorkTree.FindEditsAsync(stack, ahead, Host.Cancellation));
    }

    [Fact]
    public async Task A_deleted_work_tree_is_found_and_made_anew_and_all_its_files_count_as_changed()
    {
        var stack = Host.Shop(repository.Bare);
        await host.DeployAsync(stack);
        var commit = CommitId.Parse(repository.Head);
        string[] files = ["compose.yaml", "deploy/app.conf"];
        Assert.Null(await host.WorkTree.MoveAsync(stack, commit, [], Host.Cancellation));

        Directory.Delete(host.WorkTree.PathOf(stack), recursive: true);
        Assert.Equal(files, (await host.WorkTree.FindEditsAsync(stack, commit, Host.Cancellation)).Intersect(files).Order(StringComparer.Ordinal));

        var saved = await host.WorkTree.MoveAsync(stack, commit, [], Host.Cancellation);

        Assert.Null(saved!.Patch);
        Assert.Equal(files, saved.Files.Intersect(files).Order(StringComparer.Ordinal));
        Assert.Equal("one\n", host.ReadWork(stack, "deploy/app.conf"));
        Assert.Empty(await host.WorkTree.FindEditsAsync(stack, commit, Host.Cancellation));
        Assert.Equal(commit, await host.WorkTree.ReadCommitAsync(stack, Host.Cancellation));
    }

    [Fact]
    public async Task What_was_fetched_is_kept_in_packs_which_are_there_completely_or_not_at_all()
    {
        var stack = Host.Shop(repository.Bare);
        await host.DeployAsync(stack);

        foreach (var git in new[] { host.OnlyMirror, Path.Combine(host.WorkTree.PathOf(stack), ".git") })
        {
            Assert.NotEmpty(Directory.GetFiles(Path.Combine(git, "objects", "pack"), "*.idx"));
            Assert.False(File.Exists(Path.Combine(git, "objects", repository.Head[..2], repository.Head[2..])), "the commit was unpacked");
        }
    }

    [Fact]
    public async Task There_is_no_commit_before_the_first_move()
    {
        var stack = Host.Shop(repository.Bare);
        Assert.Null(await host.WorkTree.ReadCommitAsync(stack, Host.Cancellation));

        await host.StageAsync(stack);
        Assert.Null(await host.WorkTree.ReadCommitAsync(stack, Host.Cancellation));

        await host.DeployAsync(stack);
        Assert.Equal(repository.Head, (await host.WorkTree.ReadCommitAsync(stack, Host.Cancellation))!.Value);
    }

    [Fact]
    public async Task The_move_needs_no_network_and_keeps_untracked_files()
    {
        await using var server = await GitHttpServer.StartAsync(host.Repositories);
        var stack = Host.Shop(server.UrlOf(repository));
        await host.DeployAsync(stack);
        host.WriteWork(stack, "secrets.env", "PASSWORD=1\n");
        host.WriteWork(stack, "deploy/data/db", "rows");
        host.WriteWork(stack, "notes.txt", "mine");
        repository.Commit("Second", ("deploy/app.conf", "two\n"));
        repository.Delete("Third", "compose.yaml");
        var revision = await host.FetchAsync(stack.Source);
        await host.WorkTree.StageAsync(stack, revision, Host.Cancellation);
        server.FailWith = 500;
        var requests = server.RequestCount;

        Assert.Null(await host.WorkTree.MoveAsync(stack, revision.Commit, [], Host.Cancellation));
        await host.WorkTree.KeepAsync(stack, 1, revision.Commit, Host.Cancellation);

        Assert.Equal("two\n", host.ReadWork(stack, "deploy/app.conf"));
        Assert.False(File.Exists(Path.Combine(host.WorkTree.PathOf(stack), "compose.yaml")));
        Assert.Equal(["PASSWORD=1\n", "rows", "mine"], [host.ReadWork(stack, "secrets.env"), host.ReadWork(stack, "deploy/data/db"), host.ReadWork(stack, "notes.txt")]);
        Assert.Equal(requests, server.RequestCount);
    }

    [Fact]
    public async Task Staging_shows_untracked_and_ignored_files_of_the_host()
    {
        var stack = Host.Shop(repository.Bare);
        await host.DeployAsync(stack);
        host.WriteWork(stack, "secrets.env", "PASSWORD=1\n");
        host.WriteWork(stack, "deploy/local.txt", "local");
        host.WriteWork(stack, "data/db/rows", "rows");
        host.WriteWork(stack, "conf.d/host.conf", "host");
        repository.Commit("Second", ("conf.d/git.conf", "git\n")); // a folder that was untracked, and is partly tracked now
        for (var round = 1; round <= 2; round++) // the second over the links of the first
        {
            var staged = await host.StageAsync(stack);
            string Read(string path) => File.ReadAllText(Path.Combine(staged.Path, path));

            Assert.Equal(["PASSWORD=1\n", "local", "rows", "host", "git\n"], [Read("secrets.env"), Read("deploy/local.txt"), Read("data/db/rows"), Read("conf.d/host.conf"), Read("conf.d/git.conf")]);
            Assert.Equal(Path.Combine(host.WorkTree.PathOf(stack), "data"), new DirectoryInfo(Path.Combine(staged.Path, "data")).LinkTarget);
        }

        repository.Commit("Third", ("data/readme", "tracked\n")); // where a link to the host's folder is: must not be written through it
        await host.StageAsync(stack);
        Assert.False(File.Exists(Path.Combine(host.WorkTree.PathOf(stack), "data/readme")));
        Assert.Equal("rows", host.ReadWork(stack, "data/db/rows"));
    }

    [Fact]
    public async Task State_inside_the_adopted_clone_is_not_shown_to_itself()
    {
        var checkout = Path.GetDirectoryName(host.State)! + "/state/../state/.."; // the clone's root is above the state directory
        GitRepository.GitIn(host.Folder, "init", "--quiet", "--initial-branch=main");
        var stack = Host.Shop(repository.Bare, Path.GetFullPath(checkout));

        var staged = await host.StageAsync(stack);

        Assert.True(Directory.Exists(Path.Combine(staged.Path, "repositories")));
        Assert.False(Path.Exists(Path.Combine(staged.Path, "state")));
    }

    [Fact]
    public async Task An_untracked_file_in_the_way_is_rejected_by_name_unless_it_is_equal()
    {
        var stack = Host.Shop(repository.Bare);
        await host.DeployAsync(stack);
        host.WriteWork(stack, "equal.txt", "the same\n");
        host.WriteWork(stack, "other.txt", "mine\n");
        host.WriteWork(stack, "folder/inner.txt", "mine\n");
        host.WriteWork(stack, "data/rows", "rows");
        host.WriteWork(stack, "file", "mine\n");
        repository.Commit("Second", ("equal.txt", "the same\n"), ("other.txt", "theirs\n"), ("folder/inner.txt", "theirs\n"), ("file/inner", "theirs\n"));
        repository.Git("update-index", "--add", "--cacheinfo", $"100644,{repository.Git("rev-parse", "HEAD:equal.txt")},data"); // a file where the host has a folder
        repository.Git("commit", "--quiet", "--message", "Third");
        repository.Push();

        var failure = await Assert.ThrowsAsync<FailureException>(() => host.StageAsync(stack));

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Contains("data, file, folder/inner.txt, other.txt; move", failure.Message);
        Assert.Equal("mine\n", host.ReadWork(stack, "other.txt"));
    }

    [Fact]
    public async Task Local_edits_are_saved_as_a_patch_that_gives_them_back()
    {
        var stack = Host.Shop(repository.Bare);
        repository.Commit("More", ("gone.txt", "to be deleted\n"), ("staged.txt", "1\n"));
        await host.DeployAsync(stack);
        var work = host.WorkTree.PathOf(stack);
        byte[] binary = [0, 255, 13, 10, 128, 0];
        host.WriteWork(stack, "compose.yaml", "services: {}\n# edited here\n");
        await File.WriteAllBytesAsync(Path.Combine(work, "deploy/app.conf"), binary, Host.Cancellation);
        File.Delete(Path.Combine(work, "gone.txt"));
        host.WriteWork(stack, "staged.txt", "2\n");
        host.WriteWork(stack, "added.txt", "added\n");
        GitRepository.GitIn(work, "add", "staged.txt", "added.txt");
        var before = repository.Head;
        repository.Commit("Second", ("new.txt", "new\n"));

        var patch = await host.DeployAsync(stack);

        Assert.Matches(@"/stacks/shop/local-changes/\d{8}T\d{6}Z-" + before[..7] + @"\.patch$", patch);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(patch!));
        Assert.Equal(["services: {}\n", "one\n", "to be deleted\n", "1\n", "new\n"], [host.ReadWork(stack, "compose.yaml"), host.ReadWork(stack, "deploy/app.conf"), host.ReadWork(stack, "gone.txt"), host.ReadWork(stack, "staged.txt"), host.ReadWork(stack, "new.txt")]);
        Assert.Equal("added\n", host.ReadWork(stack, "added.txt")); // untracked again, and still there
        Assert.Equal("?? added.txt", GitRepository.GitIn(work, "status", "--porcelain"));

        File.Delete(Path.Combine(work, "added.txt"));
        GitRepository.GitIn(work, "apply", patch!);
        Assert.Equal(["services: {}\n# edited here\n", "2\n", "added\n"], [host.ReadWork(stack, "compose.yaml"), host.ReadWork(stack, "staged.txt"), host.ReadWork(stack, "added.txt")]);
        Assert.Equal(binary, await File.ReadAllBytesAsync(Path.Combine(work, "deploy/app.conf"), Host.Cancellation));
        Assert.False(File.Exists(Path.Combine(work, "gone.txt")));
    }

    [Fact]
    public async Task What_a_killed_move_has_written_already_is_no_local_edit()
    {
        var stack = Host.Shop(repository.Bare);
        await host.DeployAsync(stack);
        repository.Commit("Second", ("deploy/app.conf", "two\n"), ("new.txt", "new\n"));
        var revision = await host.FetchAsync(stack.Source);
        await host.WorkTree.StageAsync(stack, revision, Host.Cancellation);
        host.WriteWork(stack, "deploy/app.conf", "two\n");
        host.WriteWork(stack, "new.txt", "new\n");
        await File.WriteAllTextAsync(Path.Combine(host.WorkTree.PathOf(stack), ".git/index.lock"), "", Host.Cancellation);

        Assert.Null(await host.WorkTree.MoveAsync(stack, revision.Commit, [], Host.Cancellation));

        Assert.Equal("", GitRepository.GitIn(host.WorkTree.PathOf(stack), "status", "--porcelain"));
    }

    [Fact]
    public async Task A_file_that_came_in_the_way_after_staging_is_saved_and_a_folder_stops_the_move()
    {
        var stack = Host.Shop(repository.Bare);
        await host.DeployAsync(stack);
        repository.Commit("Second", ("late.conf", "theirs\n"));
        var second = await host.FetchAsync(stack.Source);
        await host.WorkTree.StageAsync(stack, second, Host.Cancellation);
        host.WriteWork(stack, "late.conf", "mine\n");

        var patch = (await host.WorkTree.MoveAsync(stack, second.Commit, [], Host.Cancellation))?.Patch;

        Assert.Contains("+mine", await File.ReadAllTextAsync(patch!, Host.Cancellation));
        Assert.Equal("theirs\n", host.ReadWork(stack, "late.conf"));

        repository.Commit("Third", ("volume", "theirs\n"));
        var third = await host.FetchAsync(stack.Source);
        await host.WorkTree.StageAsync(stack, third, Host.Cancellation);
        host.WriteWork(stack, "volume/rows", "rows");

        var failure = await Assert.ThrowsAsync<FailureException>(() => host.WorkTree.MoveAsync(stack, third.Commit, [], Host.Cancellation));
        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Equal("rows", host.ReadWork(stack, "volume/rows"));
    }

    [Fact]
    public async Task An_adopted_clone_stays_on_its_branch_and_shows_the_commit()
    {
        var stack = Adopt("-b", "main");
        var second = repository.Commit("Second", ("deploy/app.conf", "two\n"));

        await host.DeployAsync(stack);

        Assert.Equal($"{second} main", GitRepository.GitIn(stack.Checkout!, "log", "-1", "--format=%H") + " " + GitRepository.GitIn(stack.Checkout!, "branch", "--show-current"));
        Assert.Equal("", GitRepository.GitIn(stack.Checkout!, "status", "--porcelain"));
        Assert.Equal("two\n", host.ReadWork(stack, "deploy/app.conf"));
    }

    [Fact]
    public async Task A_work_tree_of_our_own_has_no_branch()
    {
        var stack = Host.Shop(repository.Bare);
        await host.DeployAsync(stack);
        repository.Commit("Second", ("deploy/app.conf", "two\n"));
        await host.DeployAsync(stack);

        Assert.Equal("", GitRepository.GitIn(host.WorkTree.PathOf(stack), "branch", "--show-current"));
        Assert.Equal("", GitRepository.GitIn(host.WorkTree.PathOf(stack), "status", "--porcelain"));
    }

    [Fact]
    public async Task Commits_that_were_never_pushed_are_kept()
    {
        var stack = Adopt();
        GitRepository.GitIn(stack.Checkout!, "commit", "--quiet", "--allow-empty", "--message", "Made on the host");
        var local = GitRepository.GitIn(stack.Checkout!, "rev-parse", "HEAD");
        repository.Commit("Second", ("deploy/app.conf", "two\n"));

        await host.DeployAsync(stack);

        Assert.Equal(local, GitRepository.GitIn(stack.Checkout!, "rev-parse", $"refs/eclusier/shop/local/{local[..7]}"));
        Assert.Equal(repository.Head, GitRepository.GitIn(stack.Checkout!, "rev-parse", "HEAD"));
    }

    [Fact]
    public async Task Hooks_of_an_adopted_clone_do_not_run()
    {
        var stack = Adopt();
        foreach (var hook in (string[])["post-checkout", "post-merge", "reference-transaction", "post-index-change"])
        {
            var file = Path.Combine(stack.Checkout!, ".git/hooks", hook);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, $"#!/bin/sh\ntouch '{host.Folder}/ran-{hook}'\n", Host.Cancellation);
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        repository.Commit("Second", ("deploy/app.conf", "two\n"));
        await host.DeployAsync(stack);

        Assert.Empty(Directory.GetFiles(host.Folder, "ran-*"));
    }

    [Fact]
    public async Task Files_keep_their_owner_and_new_ones_get_their_folders()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to give files away");
        var stack = Adopt();
        Ownership.Give(stack.Checkout!, 12345);
        Directory.CreateDirectory(Path.Combine(stack.Checkout!, "shared"));
        new FileOwner(777, 777).Give(Path.Combine(stack.Checkout!, "shared"));
        new FileOwner(888, 888).Give(Path.Combine(stack.Checkout!, "compose.yaml"));
        repository.Commit("Second", ("deploy/app.conf", "two\n"), ("compose.yaml", "services: { }\n"), ("deploy/sub/new", "new\n"), ("shared/new", "new\n"));
        File.CreateSymbolicLink(Path.Combine(repository.Clone, "deploy/link"), "/nowhere");
        repository.Commit("Third");

        await host.DeployAsync(stack);
        await host.WorkTree.KeepAsync(stack, 1, CommitId.Parse(repository.Head), Host.Cancellation);

        Assert.Equal("two\n", host.ReadWork(stack, "deploy/app.conf"));
        Assert.Equal(["compose.yaml is of 888:888", "shared is of 777:777", "shared/new is of 777:777"], Ownership.NotOf(12345, stack.Checkout!).Order());
    }

    [Fact]
    public async Task New_files_can_be_read_by_containers_whatever_the_agents_mask_is()
    {
        var before = NativeMask.Set(0b000_111_111);
        try
        {
            var stack = Host.Shop(repository.Bare);
            await host.DeployAsync(stack);

            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(Path.Combine(host.WorkTree.PathOf(stack), "deploy/app.conf")));
        }
        finally
        {
            _ = NativeMask.Set(before);
        }
    }

    [Fact]
    public async Task A_folder_that_is_no_clone_is_rejected_and_an_empty_one_is_filled()
    {
        var folder = Path.Combine(host.Folder, "site");
        Directory.CreateDirectory(folder);
        var stack = Host.Shop(repository.Bare, folder);
        await host.DeployAsync(stack);
        Assert.Equal("one\n", host.ReadWork(stack, "deploy/app.conf"));

        var other = Host.Shop(repository.Bare, Path.Combine(folder, "deploy")); // inside a clone, but not its root
        var bare = Host.Shop(repository.Bare, repository.Bare);
        Assert.Contains("is not the root of a git clone", (await RejectedAsync(other)).Message);
        Assert.Contains("is not the root of a git clone", (await RejectedAsync(bare)).Message);
    }

    [Fact]
    public async Task A_deleted_or_damaged_work_tree_of_our_own_is_made_anew()
    {
        var stack = Host.Shop(repository.Bare);
        await host.DeployAsync(stack);
        Directory.Delete(host.WorkTree.PathOf(stack), recursive: true);
        await host.DeployAsync(stack);
        Assert.Equal("one\n", host.ReadWork(stack, "deploy/app.conf"));

        File.Delete(Path.Combine(host.WorkTree.PathOf(stack), ".git/HEAD"));
        host.WriteWork(stack, "secrets.env", "PASSWORD=1\n");
        await host.DeployAsync(stack);
        Assert.Equal("PASSWORD=1\n", host.ReadWork(stack, "secrets.env"));
        Assert.Equal(repository.Head, (await host.WorkTree.ReadCommitAsync(stack, Host.Cancellation))!.Value);

        Directory.Delete(host.WorkTree.PathOf(stack), recursive: true); // between staging and moving, or before a rollback
        await host.WorkTree.MoveAsync(stack, CommitId.Parse(repository.Head), [], Host.Cancellation);
        Assert.Equal("one\n", host.ReadWork(stack, "deploy/app.conf"));
    }

    [Fact]
    public async Task A_kept_commit_outlives_a_force_push_and_garbage_collection_until_it_is_released()
    {
        var stack = Host.Shop(repository.Bare);
        var first = CommitId.Parse(repository.Head);
        var second = CommitId.Parse(repository.Commit("Second", ("deploy/app.conf", "two\n")));
        await host.DeployAsync(stack);
        await host.WorkTree.KeepAsync(stack, 7, second, Host.Cancellation);
        repository.ResetTo(first.Value);
        repository.CommitLocally("Other second", ("deploy/app.conf", "three\n"));
        repository.ForcePush();
        await host.DeployAsync(stack);

        CollectGarbage(host.OnlyMirror, host.WorkTree.PathOf(stack));
        Assert.All([host.OnlyMirror, host.WorkTree.PathOf(stack)], place => Assert.Equal(second.Value, GitRepository.GitIn(place, "rev-parse", "refs/eclusier/shop/7"))); // each by itself
        await host.WorkTree.MoveAsync(stack, second, [], Host.Cancellation);
        Assert.Equal("two\n", host.ReadWork(stack, "deploy/app.conf"));

        await host.DeployAsync(stack);
        await host.WorkTree.ReleaseAsync(stack, 7, Host.Cancellation);
        await host.WorkTree.ReleaseAsync(stack, 7, Host.Cancellation); // twice is fine
        CollectGarbage(host.OnlyMirror, host.WorkTree.PathOf(stack));
        await Assert.ThrowsAsync<FailureException>(() => host.WorkTree.MoveAsync(stack, second, [], Host.Cancellation));
    }

    [Theory]
    [InlineData("--no-hardlinks")]
    [InlineData("--no-local", "--depth=1")]
    public async Task A_kept_commit_comes_into_a_clone_without_a_fetch_and_is_whole_there_without_the_mirror(params string[] options)
    {
        repository.Commit("Second", ("deploy/app.conf", "two\n"));
        var stack = Adopt(options);
        repository.Commit("Third", ("deploy/app.conf", "three\n"), ("new/file", "new\n"));
        var revision = await host.FetchAsync(stack.Source);
        await host.WorkTree.StageAsync(stack, revision, Host.Cancellation);
        var before = host.Processes.Started.Count;

        await host.WorkTree.KeepAsync(stack, 1, revision.Commit, Host.Cancellation);

        Assert.DoesNotContain("fetch", host.Processes.Commands.Skip(before));
        Directory.Delete(Path.Combine(host.OnlyMirror, "objects"), recursive: true);
        GitRepository.GitIn(stack.Checkout!, "fsck", "--connectivity-only", "--no-dangling");
        Assert.Equal("new", GitRepository.GitIn(stack.Checkout!, "show", "refs/eclusier/shop/1:new/file"));
        Assert.Equal("two\n", host.ReadWork(stack, "deploy/app.conf"));
    }

    [Fact]
    public async Task What_cannot_be_packed_into_a_clone_is_fetched()
    {
        var main = Path.Combine(host.Folder, "main");
        var checkout = Path.Combine(host.Folder, "clone");
        GitRepository.GitIn(host.Folder, "clone", "--quiet", "--bare", repository.Bare, main);
        GitRepository.GitIn(main, "worktree", "add", "--quiet", "--detach", checkout); // its objects are elsewhere
        var stack = Host.Shop(repository.Bare, checkout);
        repository.Commit("Second", ("deploy/app.conf", "two\n"));
        var revision = await host.FetchAsync(stack.Source);
        await host.WorkTree.StageAsync(stack, revision, Host.Cancellation);

        await host.WorkTree.KeepAsync(stack, 1, revision.Commit, Host.Cancellation);

        Assert.Equal("two", GitRepository.GitIn(main, "show", "refs/eclusier/shop/1:deploy/app.conf"));
    }

    private static void CollectGarbage(params string[] repositories)
    {
        foreach (var repository in repositories)
        {
            GitRepository.GitIn(repository, "reflog", "expire", "--all", "--expire=now");
            GitRepository.GitIn(repository, "gc", "--quiet", "--prune=now");
        }
    }

    private Core.Stacks.Stack Adopt(params string[] options)
    {
        var checkout = Path.Combine(host.Folder, "clone");
        GitRepository.GitIn(host.Folder, ["clone", "--quiet", .. options, repository.Bare, checkout]);
        return Host.Shop(repository.Bare, checkout);
    }

    private async Task<FailureException> RejectedAsync(Core.Stacks.Stack stack)
    {
        var failure = await Assert.ThrowsAsync<FailureException>(() => host.StageAsync(stack));
        Assert.Equal(FailureKind.Rejected, failure.Kind);
        return failure;
    }
}
