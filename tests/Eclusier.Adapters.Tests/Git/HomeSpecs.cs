using Eclusier.Adapters.Files;
using Eclusier.Adapters.Git;
using Eclusier.Lab;

namespace Eclusier.Adapters.Tests.Git;

public sealed class HomeSpecs
{
    [Fact]
    public void Stacks_that_begin_at_the_same_moment_do_not_meet_in_a_file()
    {
        for (var round = 0; round < 20; round++)
        {
            using var folder = new LabFolder();
            var home = new GitHome(folder.Path);
            home.Prepare();

            Parallel.For(0, 16, _ => home.SshConfig("/etc/eclusier/shop.key", null, TimeSpan.FromSeconds(10)));
        }
    }

    [Fact]
    public void Git_is_told_only_of_folders_that_are_somebody_elses()
    {
        Assert.SkipUnless(FileOwner.CanBeChanged, "only root may give files away");
        using var folder = new LabFolder();
        var home = new GitHome(Path.Combine(folder.Path, "state"));
        string Make(string name, uint user, uint userOfRepository)
        {
            var made = Directory.CreateDirectory(Path.Combine(folder.Path, name)).FullName;
            Ownership.Give(Directory.CreateDirectory(Path.Combine(made, ".git")).FullName, userOfRepository);
            new FileOwner(user, user).Give(made);
            return made;
        }

        var linked = Directory.CreateDirectory(Path.Combine(folder.Path, "linked")).FullName;
        File.WriteAllText(Path.Combine(linked, ".git"), "gitdir: elsewhere\n");
        var (own, theirs, half) = (Make("own", FileOwner.CurrentUser, FileOwner.CurrentUser), Make("theirs", 12345, 12345), Make("half", FileOwner.CurrentUser, 12345));

        var leading = Path.Combine(folder.Path, "leading"); // our link to their folder
        File.CreateSymbolicLink(leading, theirs);
        var (given, lent) = (Path.Combine(folder.Path, "given"), Make("lent", FileOwner.CurrentUser, FileOwner.CurrentUser)); // their link to our folder
        File.CreateSymbolicLink(given, lent);
        new FileOwner(12345, 12345).Give(given);
        foreach (var path in new[] { own, theirs, half, linked, leading, given, Path.Combine(folder.Path, "not-there-yet") })
        {
            home.Trust(path);
        }

        home.Prepare();
        var told = File.ReadLines(home.ConfigFile).Where(line => line.Contains("directory =", StringComparison.Ordinal)).Select(line => line.Split('"')[1]);
        Assert.Equal(new[] { given, half, leading, lent, linked, theirs }.SelectMany(path => new[] { path, $"{path}/.git" }), told);
    }
}
