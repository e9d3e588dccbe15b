using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>The files on the host: edits are saved before they are overwritten, what git does not know is left alone, and every file keeps its owner.</summary>
public sealed class WorkTreeSpecs
{
    [Fact]
    public async Task Local_edits_are_saved_then_overwritten_and_untracked_files_stay()
    {
        await using var shop = await Shop.CreateAsync();
        shop.WebKeys = "volumes: ['./app.conf:/config:ro']";
        await shop.StartAsync();
        var first = await shop.PushAsync("v1", files: ("app.conf", "greeting=hello\n"));
        await shop.ExpectAsync("committed", first);
        var conf = Path.Combine(shop.WorkTree, "app.conf");
        File.WriteAllText(conf, "greeting=edited at night\n");
        Directory.CreateDirectory(Path.Combine(shop.WorkTree, "data"));
        File.WriteAllText(Path.Combine(shop.WorkTree, "data", "customers.db"), "precious");
        File.WriteAllText(Path.Combine(shop.WorkTree, "notes.txt"), "call Ada");

        var second = await shop.PushAsync("v2", files: ("app.conf", "greeting=good morning\n"));
        await shop.ExpectAsync("committed", second);

        Assert.Equal("greeting=good morning", await shop.AnswerAsync("/config"));
        Assert.Equal("greeting=good morning\n", File.ReadAllText(conf));
        var patch = Assert.Single(Directory.GetFiles(Path.Combine(shop.Host.StateDirectory, "stacks", shop.Stack, "local-changes")));
        Assert.Contains("+greeting=edited at night", File.ReadAllText(patch));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(patch));
        Assert.Contains(shop.Host.Journal, line => line.Contains("local edits", StringComparison.Ordinal) && line.Contains(patch, StringComparison.Ordinal));
        Assert.Equal("precious", File.ReadAllText(Path.Combine(shop.WorkTree, "data", "customers.db")));
        Assert.Equal("call Ada", File.ReadAllText(Path.Combine(shop.WorkTree, "notes.txt")));
        GitRepository.GitIn(shop.Repository.Clone, "checkout", "--quiet", first);
        GitRepository.GitIn(shop.Repository.Clone, "apply", patch); // it is worth something
        Assert.Equal("greeting=edited at night\n", File.ReadAllText(Path.Combine(shop.Repository.Clone, "app.conf")));
    }

    [Fact]
    public async Task A_clone_of_another_user_is_used_and_stays_his()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can give files away");
        const string Owner = "12345";
        await using var shop = await Shop.CreateAsync();
        shop.WebKeys = "volumes: ['./conf/app.conf:/config:ro']";
        var first = await shop.PushAsync("v1", files: ("conf/app.conf", "greeting=hello\n"));
        var clone = Path.Combine(shop.Host.Folder, "clone");
        GitRepository.GitIn(".", "clone", "--quiet", shop.Repository.Bare, clone);
        File.WriteAllText(Path.Combine(clone, ".env"), "SECRET=of the host\n");
        await Tool.RunAsync("chown", "-R", $"{Owner}:{Owner}", clone);
        await Tool.RunAsync("chmod", "755", shop.Host.Folder); // the owner is to come in

        await shop.StartAsync($"checkout: {clone}");
        await shop.ExpectAsync("committed", first);
        var second = await shop.PushAsync("v2", files: [("conf/app.conf", "greeting=good morning\n"), ("new/file.txt", "new\n")]);
        await shop.ExpectAsync("committed", second);
        await shop.ExpectAsync("rolled-back", await shop.PushAsync("v3", bits => bits.Crashing(), ("another/file.txt", "gone again\n")));

        Assert.Equal("greeting=good morning", await shop.AnswerAsync("/config"));
        Assert.Equal("new\n", File.ReadAllText(Path.Combine(clone, "new", "file.txt")));
        Assert.False(Path.Exists(Path.Combine(clone, "another")));
        Assert.Equal("", await Tool.RunAsync("find", clone, "!", "-uid", Owner, "-o", "!", "-gid", Owner));
        Assert.Equal("SECRET=of the host\n", File.ReadAllText(Path.Combine(clone, ".env")));
        Assert.Equal(second, await AsOwnerAsync("rev-parse", "HEAD"));
        Assert.Equal("?? .env", await AsOwnerAsync("status", "--porcelain"));
        Assert.Equal("", await AsOwnerAsync("fetch", "--quiet", "--dry-run", ".", "HEAD")); // he may also write

        Task<string> AsOwnerAsync(params string[] words) =>
            Tool.RunAsync("setpriv", ["--reuid", Owner, "--regid", Owner, "--clear-groups", "env", $"HOME={clone}", "git", "-C", clone, .. words]);
    }

    [Fact]
    public async Task The_content_of_a_submodule_is_mounted_and_follows()
    {
        await using var shop = await Shop.CreateAsync();
        var root = Path.GetDirectoryName(shop.Repository.Bare)!;
        await using var git = await GitHttpServer.StartAsync(root);
        var settings = GitRepository.Create(Path.Combine(root, "settings.git"));
        settings.Commit("Settings", ("app.conf", "greeting=from the submodule\n"));
        shop.Repository.AddSubmodule("../settings.git", "vendor/settings", settings);
        shop.WebKeys = "volumes: ['./vendor/settings/app.conf:/config:ro']";
        await shop.StartAsync($"repository: {git.UrlOf(shop.Repository)}");
        await shop.ExpectAsync("committed", await shop.PushAsync("v1"));
        Assert.Equal("greeting=from the submodule", await shop.AnswerAsync("/config"));

        var newer = settings.Commit("Newer settings", ("app.conf", "greeting=newer\n"));
        var vendor = Path.Combine(shop.Repository.Clone, "vendor", "settings");
        GitRepository.GitIn(vendor, "-c", "protocol.file.allow=always", "fetch", "--quiet", settings.Bare, "main");
        GitRepository.GitIn(vendor, "checkout", "--quiet", newer);
        await shop.ExpectAsync("committed", shop.Repository.Commit("Newer settings")); // not a line of the Compose file has changed

        Assert.Equal("greeting=newer", await shop.AnswerAsync("/config"));
    }
}
