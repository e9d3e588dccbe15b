using Eclusier.Adapters.Files;
using Eclusier.Adapters.Git;
using Eclusier.Core.Deployments;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Git;

/// <summary>Files that a container mounts by themselves stay where they are on the disk when the work tree moves.</summary>
public sealed class InPlaceSpecs : IDisposable
{
    private readonly Host host = new();
    private readonly GitRepository repository;
    private readonly HostFiles files = new(engineIsHere: true);

    public InPlaceSpecs()
    {
        repository = host.Repository();
        repository.Commit("First", ("web.conf", "a longer first content\n"), ("other.conf", "one\n"));
    }

    public void Dispose() => host.Dispose();

    [Fact]
    public async Task They_are_written_where_they_are_and_the_others_anew()
    {
        var stack = Host.Shop(repository.Bare);
        await host.DeployAsync(stack);
        var (web, other) = (PlaceOf("web.conf"), PlaceOf("other.conf"));
        using var held = File.OpenText(Path.Combine(host.WorkTree.PathOf(stack), "web.conf")); // as a mount holds it
        repository.Commit("Second", ("web.conf", "two\n"), ("other.conf", "two\n"));
        File.SetUnixFileMode(Path.Combine(repository.Clone, "web.conf"), (UnixFileMode)0b111_101_101);
        repository.Commit("Executable", ("other.conf", "two\n"));

        var revision = await host.FetchAsync(stack.Source);
        await host.WorkTree.StageAsync(stack, revision, Host.Cancellation);
        Assert.Null(await host.WorkTree.MoveAsync(stack, revision.Commit, ["web.conf", "no-such-file", "."], Host.Cancellation));

        Assert.Equal(web, PlaceOf("web.conf"));
        Assert.NotEqual(other, PlaceOf("other.conf"));
        Assert.Equal("two\n", held.ReadToEnd());
        Assert.Equal("two\n", host.ReadWork(stack, "web.conf"));
        Assert.True(File.GetUnixFileMode(Path.Combine(host.WorkTree.PathOf(stack), "web.conf")).HasFlag(UnixFileMode.UserExecute));
        Assert.Empty(await host.WorkTree.FindEditsAsync(stack, revision.Commit, Host.Cancellation));
        Assert.Equal("", GitRepository.GitIn(host.WorkTree.PathOf(stack), "status", "--porcelain"));
        Assert.Empty(Directory.GetDirectories(Path.Combine(host.WorkTree.PathOf(stack), ".git"), "eclusier*"));

        string PlaceOf(string path) => files.PlaceOf(Path.Combine(host.WorkTree.PathOf(stack), path));
    }

    [Fact]
    public void A_full_disk_passes_and_what_is_done_is_not_done_again()
    {
        var root = Directory.CreateDirectory(Path.Combine(host.Folder, "files")).FullName;
        string[] paths = [Path.Combine(root, "a"), Path.Combine(root, "b")];
        Array.ForEach(paths, path => File.WriteAllText(path, "old"));
        var places = paths.Select(files.PlaceOf).ToList();
        var held = InPlaceFiles.Hold(root, host.Folder, ["a", "b"]);
        foreach (var path in paths)
        {
            File.Delete(path);
            File.WriteAllText(path, "new");
        }

        var second = Path.Combine(host.Folder, "eclusier-in-place", "1");
        File.Move(second, second + ".kept");
        File.CreateSymbolicLink(second, "/dev/full");
        var failure = Assert.Throws<FailureException>(held.PutBack);

        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Contains(paths[1], failure.Message);
        Assert.Equal((places[0], "new"), (files.PlaceOf(paths[0]), File.ReadAllText(paths[0])));

        File.Move(second + ".kept", second, overwrite: true);
        held.PutBack();
        held.PutBack();
        Assert.Equal(places, paths.Select(files.PlaceOf));
        Assert.Equal(["new", "new"], paths.Select(File.ReadAllText));
    }

    [Fact]
    public async Task What_an_interrupted_move_held_is_given_up()
    {
        var stack = Host.Shop(repository.Bare);
        await host.DeployAsync(stack);
        var held = Path.Combine(host.WorkTree.PathOf(stack), ".git", "eclusier-in-place");
        Directory.CreateDirectory(held);
        File.WriteAllText(Path.Combine(held, "0"), "of nobody knows when");
        var revision = await host.FetchAsync(stack.Source);

        await host.WorkTree.MoveAsync(stack, revision.Commit, ["web.conf"], Host.Cancellation);

        Assert.Equal("a longer first content\n", host.ReadWork(stack, "web.conf"));
        Assert.False(Directory.Exists(held));
    }

    [Fact]
    public async Task A_file_that_the_commit_no_longer_has_goes()
    {
        var stack = Host.Shop(repository.Bare);
        await host.DeployAsync(stack);
        repository.Git("rm", "--quiet", "web.conf");
        repository.Commit("Without it", ("other.conf", "two\n"));
        var revision = await host.FetchAsync(stack.Source);
        await host.WorkTree.StageAsync(stack, revision, Host.Cancellation);

        await host.WorkTree.MoveAsync(stack, revision.Commit, ["web.conf"], Host.Cancellation);

        Assert.False(File.Exists(Path.Combine(host.WorkTree.PathOf(stack), "web.conf")));
    }

    [Fact]
    public async Task An_edit_is_saved_and_overwritten_in_place()
    {
        var stack = Host.Shop(repository.Bare);
        await host.DeployAsync(stack);
        var path = Path.Combine(host.WorkTree.PathOf(stack), "web.conf");
        var place = files.PlaceOf(path);
        File.WriteAllText(path, "edited\n");
        var revision = await host.FetchAsync(stack.Source);

        var saved = await host.WorkTree.MoveAsync(stack, revision.Commit, ["web.conf"], Host.Cancellation);

        Assert.Contains("+edited", File.ReadAllText(saved!.Patch!));
        Assert.Equal(("a longer first content\n", place), (File.ReadAllText(path), files.PlaceOf(path)));
    }
}
