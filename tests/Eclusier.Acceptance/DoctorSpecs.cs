using System.Text.Json.Nodes;
using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>`eclusier doctor`: what is wrong with a host, and what to do about it.</summary>
public sealed class DoctorSpecs
{
    [Fact]
    public async Task A_good_host_gets_full_marks()
    {
        await using var inbox = await LabServer.StartAsync(_ => Task.CompletedTask);
        await using var shop = await Shop.CreateAsync("notify: [ops]");
        await File.AppendAllTextAsync(shop.Host.ConfigFile, $"notifiers: {{ ops: {{ type: ntfy, url: '{inbox.Address}', topic: releases }} }}\n", Token);
        var commit = await shop.PushAsync("v1");
        await shop.Host.StartAsync();
        await shop.ExpectAsync("committed", commit);

        var (exitCode, found) = await ExamineAsync(shop.Host, "--notify");

        Assert.True(exitCode == 0, Text(found));
        Assert.True((bool)found["healthy"]!);
        Assert.All(Of(found), finding => Assert.True(finding.Level == "ok" || finding.Check == "clock", $"{finding}")); // this host's own clock
        Assert.Equal(
            ["configuration", "git", "docker-engine", "compose", "unit", "files", "state-folder", "database", "disk", "clock", "repository", "images", "leftovers", "daemon", "notifiers"],
            Of(found).Select(finding => finding.Check).Distinct());
        Assert.Contains(Of(found), finding => finding is { Check: "images" } && finding.Message == $"{shop.Image("web", "v1")} is in its registry");
        Assert.Contains(Of(found), finding => finding is { Check: "notifiers" } && finding.Message == "ops (ntfy) took a test message");

        // for people: a line each, and what to do
        var text = await shop.Host.RunAsync("doctor");
        Assert.Matches(@"^ok +repository +shop-\w+ +\S+: main is at [0-9a-f]{7}$", text.Output.Split('\n').Single(line => line.Contains(" repository ", StringComparison.Ordinal)));
        Assert.EndsWith("warnings\n", text.Output.Replace("1 warning\n", "warnings\n").Replace("no warning\n", "warnings\n"));
    }

    [Fact]
    public async Task A_token_that_is_wrong_and_open_to_everybody()
    {
        await using var shop = await Shop.CreateAsync();
        await using var server = await GitHttpServer.StartAsync(Path.GetDirectoryName(shop.Repository.Bare)!);
        server.Credential = ("x-access-token", "right-token");
        await shop.PushAsync("v1");
        var token = Secret(shop, "token", "wrong-token", UnixFileMode.OtherRead);
        shop.Configure($"repository: {server.UrlOf(shop.Repository)}\nauth: {{ token_file: {token} }}");

        var (exitCode, found) = await ExamineAsync(shop.Host);

        Assert.Equal(1, exitCode);
        ExpectProblem(found, "repository", "the server refused the credentials", $"put a token that may read the repository into {token}");
        ExpectProblem(found, "files", "everybody on this host can read the secret", $"`chmod 600 {token}`");
        Assert.DoesNotContain("wrong-token", Text(found));

        await File.WriteAllTextAsync(token, "right-token\n", Token);
        File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (exitCode, found) = await ExamineAsync(shop.Host);
        Assert.True(exitCode == 0, Text(found));

        shop.Configure($"repository: {server.UrlOf(shop.Repository)}");
        (_, found) = await ExamineAsync(shop.Host);
        ExpectProblem(found, "repository", "", "auth: { token_file:");
        shop.Configure($"repository: {server.UrlOf(shop.Repository)}\nbranch: mian\nauth: {{ token_file: {token} }}");
        (_, found) = await ExamineAsync(shop.Host);
        ExpectProblem(found, "repository", "branch 'mian' does not exist", "`branch`");
    }

    [Fact]
    public async Task A_registry_that_does_not_answer_and_an_image_that_is_not_there()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.PushAsync("v1");
        shop.Repository.Commit("An image that CI has not pushed", ("compose.yaml", shop.Compose("v2")));
        var (exitCode, found) = await ExamineAsync(shop.Host);
        Assert.Equal(0, exitCode);
        Assert.Contains(Of(found), finding => finding is { Check: "images", Level: "warning" } && finding.Message.Contains("does not have", StringComparison.Ordinal));

        await shop.Registry.StopAsync();
        (exitCode, found) = await ExamineAsync(shop.Host);
        Assert.Equal(1, exitCode);
        ExpectProblem(found, "images", "cannot be reached: connection refused", $"look whether {shop.Registry.Host} can be reached from this host");
        Assert.False(Directory.Exists(shop.Host.StateDirectory)); // it only looks
    }

    [Fact]
    public async Task A_registry_login_that_is_wrong()
    {
        await using var registry = await Registry.StartWithLoginAsync("keeper", "right-password");
        using var images = new SampleImages(registry.Host, ("keeper", "right-password"));
        await images.PushAsync("shop/web", "v1", new Behaviour("web", "v1"));
        await using var shop = await Shop.CreateAsync();
        shop.ImageHost = registry.Host;
        shop.Repository.Commit("Web v1", ("compose.yaml", shop.Compose("v1")));
        var password = Secret(shop, "password", "wrong-password");

        var (_, found) = await ExamineAsync(shop.Host);
        ExpectProblem(found, "images", "no login for it was found", $"`docker login {registry.Host}`");

        shop.Configure($"registries: {{ '{registry.Host}': {{ username: keeper, password_file: {password} }} }}");
        (_, found) = await ExamineAsync(shop.Host);
        ExpectProblem(found, "images", "although the stack's own login was used", "`registries:");
        Assert.DoesNotContain("wrong-password", Text(found));

        await File.WriteAllTextAsync(password, "right-password", Token);
        (var exitCode, found) = await ExamineAsync(shop.Host);
        Assert.True(exitCode == 0, Text(found));
    }

    [Fact]
    public async Task No_Docker_socket_and_no_git()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.PushAsync("v1");
        shop.Host.Environment["DOCKER_HOST"] = "unix:///run/no-such.sock";
        var tools = Directory.CreateDirectory(Path.Combine(shop.Host.Folder, "tools")).FullName;
        foreach (var tool in new[] { "setsid", "docker" })
        {
            File.CreateSymbolicLink(Path.Combine(tools, tool), (await Tool.RunAsync("which", tool)).Trim());
        }

        shop.Host.Environment["PATH"] = tools;
        var (exitCode, found) = await ExamineAsync(shop.Host);

        Assert.Equal(1, exitCode);
        ExpectProblem(found, "docker-engine", "the socket does not exist", "`systemctl enable --now docker`");
        ExpectProblem(found, "git", "'git' is not installed", "install git");
        Assert.Contains(Of(found), finding => finding is { Check: "compose", Level: "ok" });
    }

    [Fact]
    public async Task No_Compose_plugin_and_a_state_folder_that_cannot_be_written()
    {
        await using var shop = await Shop.CreateAsync();
        await shop.PushAsync("v1");
        Directory.CreateDirectory(shop.Host.StateDirectory);
        var plugin = new[] { "/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec" }.Select(folder => $"{folder}/docker/cli-plugins").Where(Directory.Exists);
        string[] hide = [.. plugin.Select(folder => $"mount -t tmpfs none {folder}"), $"mount --bind {shop.Host.StateDirectory} {shop.Host.StateDirectory}", $"mount -o remount,ro,bind {shop.Host.StateDirectory}"];

        // in a mount namespace of its own, which ends with it
        var outcome = await LabProcess.RunAsync(
            "unshare", ["--mount", "sh", "-c", $"{string.Join(" && ", hide)} && exec {shop.Host.Program} doctor --config {shop.Host.ConfigFile} --output json"], shop.Host.Environment, shop.Host.Folder, cancellationToken: Token);

        Assert.True(outcome.ExitCode == 1, outcome.ToString());
        var found = JsonNode.Parse(outcome.Output)!;
        ExpectProblem(found, "compose", "Docker Compose v2 does not work", "install Docker's compose plugin");
        ExpectProblem(found, "state-folder", "may not write the state folder", "findmnt --target");
    }

    [Fact]
    public async Task A_damaged_database_a_leftover_container_an_edited_clone_and_a_wrong_clock()
    {
        await using var shop = await Shop.CreateAsync();
        await using var server = await GitHttpServer.StartAsync(Path.GetDirectoryName(shop.Repository.Bare)!);
        await shop.PushAsync("v1");
        var clone = Path.Combine(shop.Host.Folder, "live");
        GitRepository.GitIn(shop.Host.Folder, "clone", "--quiet", shop.Repository.Bare, clone);
        await File.AppendAllTextAsync(Path.Combine(clone, "compose.yaml"), "# edited here\n", Token);
        shop.Configure($"repository: {server.UrlOf(shop.Repository)}\ncheckout: {clone}");
        Directory.CreateDirectory(shop.Host.StateDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(shop.Host.StateDirectory, "eclusier.db"), new string('x', 8192), Token);
        await shop.Images.PushAsync("shop/web", "v1", new Behaviour("web", "v1"));
        await DockerCli.RunAsync("create", "--name", $"0123456789ab_{shop.Stack}-web-1", "--label", $"com.docker.compose.project={shop.Stack}", "--label", "com.docker.compose.service=web", shop.Image("web", "v1"));
        using var clock = await ShiftedClock.CreateAsync();
        clock.Shift(TimeSpan.FromMinutes(10));
        foreach (var (name, value) in clock.Environment)
        {
            shop.Host.Environment[name] = value;
        }

        var (exitCode, found) = await ExamineAsync(shop.Host);

        Assert.Equal(1, exitCode);
        ExpectProblem(found, "database", "is damaged", "restart the daemon");
        ExpectProblem(found, "clock", "10 min ahead of that of 127.0.0.1:", "timedatectl set-ntp true");
        Assert.Contains(Of(found), finding => finding is { Check: "leftovers", Level: "warning" } && finding.Message.Contains("0123456789ab_", StringComparison.Ordinal));
        Assert.Contains(Of(found), finding => finding is { Check: "checkout", Level: "warning" } && finding.Message.EndsWith("edited on this host: compose.yaml", StringComparison.Ordinal));
        Assert.EndsWith("# edited here\n", await File.ReadAllTextAsync(Path.Combine(clone, "compose.yaml"), Token));
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_used_is_a_problem_among_others()
    {
        await using var host = new EclusierHost();
        host.Configure("stacks:\n  shop:\n    repository: /srv/shop.git\n    brunch: main");

        var (exitCode, found) = await ExamineAsync(host);

        Assert.Equal(1, exitCode);
        ExpectProblem(found, "configuration", ":5:5: stacks.shop.brunch", "config check");
        Assert.Contains(Of(found), finding => finding is { Check: "docker-engine", Level: "ok" });
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<(int ExitCode, JsonNode Found)> ExamineAsync(EclusierHost host, params string[] words)
    {
        var outcome = await host.RunAsync(["doctor", .. words, "--output", "json"]);
        Assert.True(outcome.Output.StartsWith('{'), outcome.ToString());
        return (outcome.ExitCode, JsonNode.Parse(outcome.Output)!);
    }

    private static void ExpectProblem(JsonNode found, string check, string message, string remedy)
    {
        var problems = Of(found).Where(finding => finding.Check == check && finding.Level == "problem").ToList();
        Assert.True(problems.Any(problem => problem.Message.Contains(message, StringComparison.Ordinal) && problem.Remedy!.Contains(remedy, StringComparison.Ordinal)), $"{check}: '{message}' / '{remedy}' in {Text(found)}");
    }

    private static string Secret(Shop shop, string name, string text, UnixFileMode more = UnixFileMode.None)
    {
        var path = Path.Combine(shop.Host.Folder, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | more);
        return path;
    }

    private static string Text(JsonNode found) => string.Join('\n', Of(found));

    private static IReadOnlyList<Found> Of(JsonNode found) =>
        [.. found["findings"]!.AsArray().Select(finding => new Found((string)finding!["check"]!, (string)finding["level"]!, (string)finding["message"]!, (string?)finding["remedy"]))];

    private sealed record Found(string Check, string Level, string Message, string? Remedy);
}
