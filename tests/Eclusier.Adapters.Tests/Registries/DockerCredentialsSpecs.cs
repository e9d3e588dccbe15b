using Eclusier.Adapters.Processes;
using Eclusier.Adapters.Registries;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Tests.Registries;

public sealed class DockerCredentialsSpecs : IDisposable
{
    private readonly DockerFolder folder = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Without_a_file_there_is_no_login() => Assert.Null(await folder.Credentials.FindAsync("ghcr.io", Cancelled));

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{ "auths": {} }""")]
    [InlineData("""{ "auths": { "ghcr.io": {} } }""")]
    [InlineData("""{ "auths": { "other.io": { "auth": "YTpi" } } }""")]
    public async Task A_file_that_does_not_know_the_registry_has_no_login(string json) =>
        Assert.Null(await folder.With(json).Credentials.FindAsync("ghcr.io", Cancelled));

    [Fact]
    public async Task Name_and_password_come_from_the_auth_field()
    {
        var login = await folder.WithLogin("ghcr.io", "me", "pass:with:colons").Credentials.FindAsync("ghcr.io", Cancelled);

        Assert.Equal(("me", "pass:with:colons"), (login!.Username, login.Password.Reveal()));
        Assert.Null(login.IdentityToken);
    }

    [Fact]
    public async Task A_new_login_counts_at_once()
    {
        var credentials = folder.WithLogin("ghcr.io", "me", "old").Credentials;
        Assert.Equal("old", (await credentials.FindAsync("ghcr.io", Cancelled))!.Password.Reveal());

        folder.WithLogin("ghcr.io", "me", "new");

        Assert.Equal("new", (await credentials.FindAsync("ghcr.io", Cancelled))!.Password.Reveal());
    }

    [Theory]
    [InlineData("https://index.docker.io/v1/")]
    [InlineData("index.docker.io")]
    public async Task The_hub_is_found_under_its_old_names(string key) =>
        Assert.NotNull(await folder.WithLogin(key, "me", "secret").Credentials.FindAsync("docker.io", Cancelled));

    [Theory]
    [InlineData("https://ghcr.io")]
    [InlineData("https://ghcr.io/v1/")]
    [InlineData("ghcr.io/v2")]
    public async Task A_key_with_scheme_and_path_counts_for_its_host(string key)
    {
        folder.WithLogin(key, "me", "secret");

        Assert.NotNull(await folder.Credentials.FindAsync("ghcr.io", Cancelled));
        Assert.Null(await folder.Credentials.FindAsync("ghcr.io:5000", Cancelled));
    }

    [Fact]
    public async Task An_identity_token_is_found()
    {
        var login = await folder.With("""{ "auths": { "r.io": { "auth": "MDA6", "identitytoken": "id-token" } } }""").Credentials.FindAsync("r.io", Cancelled);

        Assert.Equal("id-token", login!.IdentityToken!.Reveal());
    }

    [Theory]
    [InlineData("""{ "auths": { "ghcr.io": { "auth": "c2VjcmV0 """, "line 1")]
    [InlineData("""[ "secret" ]""", "no JSON object")]
    [InlineData("""{ "auths": { "ghcr.io": { "auth": "not base64: secret" } } }""", "docker login ghcr.io")]
    [InlineData("""{ "auths": { "ghcr.io": { "auth": "c2VjcmV0" } } }""", "docker login ghcr.io")]
    [InlineData("""{ "auths": { "ghcr.io": { "auth": 5 } } }""", "docker login ghcr.io")]
    [InlineData("""{ "auths": {}, "auths": {} }""", "damaged")]
    public async Task A_damaged_file_is_rejected_with_its_name_and_without_its_content(string json, string says)
    {
        var failure = await Assert.ThrowsAsync<FailureException>(() => folder.With(json).Credentials.FindAsync("ghcr.io", Cancelled));

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Contains(Path.Combine(folder.Path, "config.json"), failure.Message);
        Assert.Contains(says, failure.Message);
        Assert.DoesNotContain("secret", failure.ToString());
        Assert.DoesNotContain("c2VjcmV0", failure.ToString());
    }

    [Fact]
    public async Task A_login_is_never_printed() =>
        Assert.DoesNotContain("hunter2", (await folder.WithLogin("r.io", "me", "hunter2").Credentials.FindAsync("r.io", Cancelled))!.ToString());

    [Fact]
    public async Task The_helper_of_the_registry_is_asked_for_it_on_standard_input()
    {
        var helper = new FakeHelper("""{"ServerURL":"r.io","Username":"me","Secret":"from the helper"}""");

        var login = await Ask(helper, """{ "credsStore": "all", "credHelpers": { "r.io": "one" } }""", "r.io");

        Assert.Equal(("me", "from the helper"), (login!.Username, login.Password.Reveal()));
        Assert.Equal(["docker-credential-one get < r.io"], helper.Calls);
    }

    [Fact]
    public async Task The_store_for_all_is_asked_where_no_helper_is_named()
    {
        var helper = new FakeHelper("""{"ServerURL":"x","Username":"<token>","Secret":"id-token"}""");

        var login = await Ask(helper, """{ "auths": { "https://index.docker.io/v1/": {} }, "credsStore": "all" }""", "docker.io");

        Assert.Equal("id-token", login!.IdentityToken!.Reveal());
        Assert.Equal(["docker-credential-all get < https://index.docker.io/v1/"], helper.Calls);
    }

    [Fact]
    public async Task A_helper_that_knows_no_login_is_no_error() =>
        Assert.Null(await Ask(new FakeHelper("credentials not found in native keychain\n", exitCode: 1), """{ "credsStore": "all" }""", "r.io"));

    [Fact]
    public async Task A_helper_that_fails_is_rejected_with_what_it_said()
    {
        var failure = await Assert.ThrowsAsync<FailureException>(() => Ask(new FakeHelper("gpg: no key ring", exitCode: 2), """{ "credsStore": "all" }""", "r.io"));

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Contains("'docker-credential-all' failed for r.io with exit code 2: gpg: no key ring", failure.Message);
    }

    [Theory]
    [InlineData("hunter2 is no JSON", 0)]
    [InlineData("""{"Secret":"hunter2""", 0)]
    [InlineData("""{"Secret":"hunter2"}""", 3)]
    public async Task What_a_helper_says_by_mistake_is_not_repeated(string output, int exitCode)
    {
        var failure = await Assert.ThrowsAsync<FailureException>(() => Ask(new FakeHelper(output, exitCode), """{ "credsStore": "all" }""", "r.io"));

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.DoesNotContain("hunter2", failure.ToString());
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("a b")]
    [InlineData("-x")]
    public async Task A_helper_with_a_name_that_is_none_is_not_started(string name)
    {
        var helper = new FakeHelper("{}");

        var failure = await Assert.ThrowsAsync<FailureException>(() => Ask(helper, $$"""{ "credsStore": "{{name}}" }""", "r.io"));

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Empty(helper.Calls);
    }

    [Fact]
    public async Task A_helper_that_is_not_installed_is_rejected()
    {
        var failure = await Assert.ThrowsAsync<FailureException>(() => folder.With("""{ "credsStore": "not-installed-here" }""").Credentials.FindAsync("r.io", Cancelled));

        Assert.Equal(FailureKind.Rejected, failure.Kind);
        Assert.Contains("docker-credential-not-installed-here", failure.Message);
    }

    private Task<RegistryLogin?> Ask(FakeHelper helper, string json, string registry)
    {
        folder.With(json);
        return new DockerCredentials(helper, folder.Path).FindAsync(registry, Cancelled);
    }

    private sealed class FakeHelper(string output, int exitCode = 0) : IProcessRunner
    {
        public List<string> Calls { get; } = [];

        public Task<ProcessResult> RunAsync(ProcessSpec spec, CancellationToken cancellationToken)
        {
            Calls.Add($"{spec} < {spec.StandardInput}");
            return Task.FromResult(new ProcessResult(exitCode, output, "", TimeSpan.Zero));
        }
    }
}
