using Eclusier.Adapters.Configuration;
using Eclusier.Core.Deployments;
using Eclusier.Core.Health;
using Eclusier.Core.Images;
using Eclusier.Core.Notifications;
using Eclusier.Core.Sources;
using Eclusier.Core.Stacks;
using static Eclusier.Adapters.Tests.Configuration.ConfigurationText;

namespace Eclusier.Adapters.Tests.Configuration;

public sealed class ConfigurationSpecs
{
    internal const string Everything = """
        state_dir: /srv/eclusier/
        interval: 1h30m
        max_parallel_deployments: 4
        stacks:
          koprogo:
            repository: https://git.example.org/koprogo.git
            auth: { token_file: tokens/koprogo, username: deploy }
            branch: release/2026
            directory: ./deploy//production/
            compose_files: [docker-compose.yml, ../common.yml]
            env_files: [.env, /etc/koprogo.env]
            environment: { IMAGE_TAG: "main-{commit7}", DEBUG: true, PORT: 8080, BLANK: "" }
            profiles: [monitoring]
            project: kopro
            checkout: /home/koprogo/koprogo/
            interval: 90s
            images: { wait: 30m, follow: [backend, frontend], interval: 10m }
            health:
              timeout: 5m
              interval: 500ms
              soak: 0s
              probes:
                - http: https://api.example.org/health?deep=1
                  status: [200, 3xx]
                  body_contains: "up"
                  headers: { Authorization: "Bearer ${TOKEN}" }
                  method: HEAD
                  timeout: 2s
                  tls: insecure
                - tcp: "[::1]:5432"
                  timeout: 1s
                - exec: { service: backend, command: [./check, --ready] }
            on_failure: stop-and-report
            unset_variables: warn
            history: fast-forward-only
            drift: report
            retain: 7
            notify: [ops, chat]
          shop:
            repository: git@git.example.org:team/shop.git
            auth: { ssh_key_file: /keys/shop, known_hosts_file: /keys/known_hosts }
            tag: "v*"
            images: { follow: all }
          blog:
            repository: http://localhost:3000/blog.git
            auth: { token: "${TOKEN}" }
            commit: 1eabc9a4d3c2b1a0f9e8d7c6b5a4938271605f4e
        notifiers:
          ops: { type: discord, url_file: discord.url, on: [failed, rolled-back, recovered, committed, rejected, expired, suspended, drift] }
          chat: { type: slack, url: "https://hooks.example.org/${TOKEN}" }

        """;

    [Fact]
    public void Images_and_registries_may_have_rules_of_their_own()
    {
        var stack = ParseValid("""
            stacks:
              shop:
                repository: https://git.example.org/shop.git
                images:
                  follow: [db]
                  min_age: 1d
                  expect_label: { org.opencontainers.image.revision: "{commit}" }
                  expect_label_on: [web]
                registries:
                  registry.lan:5000: { username: keeper, password_file: /etc/eclusier/lan.password, ca_file: /etc/eclusier/lan.pem }
                  ghcr.io: { token_file: /etc/eclusier/ghcr.token }
            """).Stacks[0];

        Assert.Equal(TimeSpan.FromDays(1), stack.Images.MinAge);
        Assert.Equal(new Dictionary<string, string> { ["org.opencontainers.image.revision"] = "{commit}" }, stack.Images.ExpectedLabels);
        Assert.Equal((true, false), (stack.Images.Expects("web"), stack.Images.Expects("db")));
        Assert.Equal(
            new RegistryAccess("registry.lan:5000") { Username = "keeper", Password = new SecretSource.File("/etc/eclusier/lan.password"), CertificateFile = "/etc/eclusier/lan.pem" },
            stack.Registries["registry.lan:5000"]);
        Assert.Equal(new RegistryAccess("ghcr.io") { IdentityToken = new SecretSource.File("/etc/eclusier/ghcr.token") }, stack.Registries["ghcr.io"]);
    }

    [Fact]
    public void Every_key_reaches_the_settings()
    {
        var settings = ParseValid(Everything);

        Assert.Equal(("/srv/eclusier", 4), (settings.StateDirectory, settings.MaxParallelDeployments));
        var stack = settings.Stacks[0];
        Assert.Equal("koprogo", stack.Name.Value);
        Assert.Equal("https://git.example.org/koprogo.git", stack.Source.Repository);
        Assert.Equal(new SourceCredential.Token("deploy", new SecretSource.File("/etc/eclusier/tokens/koprogo")), stack.Source.Credential);
        Assert.Equal(new RevisionSelector.Branch("release/2026"), stack.Source.Selector);
        Assert.Equal(HistoryRule.FastForwardOnly, stack.Source.History);
        Assert.Equal("deploy/production", stack.Directory);
        Assert.Equal(["docker-compose.yml", "../common.yml"], stack.ComposeFiles);
        Assert.Equal([".env", "/etc/koprogo.env"], stack.EnvFiles);
        Assert.Equal(
            new Dictionary<string, string> { ["IMAGE_TAG"] = "main-{commit7}", ["DEBUG"] = "true", ["PORT"] = "8080", ["BLANK"] = "" }, stack.Environment);
        Assert.Equal(["monitoring"], stack.Profiles);
        Assert.Equal(("kopro", "/home/koprogo/koprogo"), (stack.Project, stack.Checkout));
        Assert.Equal(TimeSpan.FromSeconds(90), stack.Interval);
        Assert.Equal((TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(10), false), (stack.Images.Wait, stack.Images.Interval, stack.Images.FollowsAll));
        Assert.Equal(["backend", "frontend"], stack.Images.Follow);
        Assert.Equal((FailurePolicy.StopAndReport, UnsetVariables.Warn, DriftPolicy.Report, 7), (stack.OnFailure, stack.UnsetVariables, stack.Drift, stack.Retain));
        Assert.Equal(["ops", "chat"], stack.Notify);
    }

    [Fact]
    public void Every_kind_of_probe_reaches_the_settings()
    {
        var health = ParseValid(Everything).Stacks[0].Health;

        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(500), TimeSpan.Zero), (health.Timeout, health.Interval, health.Soak));
        Assert.Equal(3, health.Probes.Count);
        var http = Assert.IsType<Probe.Http>(health.Probes[0]);
        Assert.Equal(new Uri("https://api.example.org/health?deep=1"), http.Url);
        Assert.Equal([new StatusRange(200, 200), new StatusRange(300, 399)], http.Status);
        Assert.Equal(("up", "HEAD", true), (http.BodyContains, http.Method, http.AcceptsAnyCertificate));
        Assert.Equal($"Bearer {SecretValue}", http.Headers["Authorization"]);
        Assert.Equal(TimeSpan.FromSeconds(2), http.Timeout);
        Assert.Equal(new Probe.Tcp("::1", 5432) { Timeout = TimeSpan.FromSeconds(1) }, health.Probes[1]);
        var exec = Assert.IsType<Probe.Exec>(health.Probes[2]);
        Assert.Equal(("backend", TimeSpan.FromSeconds(5)), (exec.Service, exec.Timeout));
        Assert.Equal(["./check", "--ready"], exec.Command);
    }

    [Fact]
    public void Every_way_to_sign_in_and_to_select_reaches_the_settings()
    {
        var stacks = ParseValid(Everything).Stacks;

        Assert.Equal(new SourceCredential.SshKey("/keys/shop", "/keys/known_hosts"), stacks[1].Source.Credential);
        Assert.Equal(new RevisionSelector.Tag("v*"), stacks[1].Source.Selector);
        Assert.True(stacks[1].Images.FollowsAll);
        Assert.Equal(TimeSpan.FromMinutes(90), stacks[1].Interval); // the top-level one
        var token = Assert.IsType<SourceCredential.Token>(stacks[2].Source.Credential);
        Assert.Equal("x-access-token", token.UserName);
        Assert.Equal(SecretValue, Assert.IsType<SecretSource.Value>(token.Password).Secret.Reveal());
        Assert.Equal(new RevisionSelector.Commit(CommitId.Parse("1eabc9a4d3c2b1a0f9e8d7c6b5a4938271605f4e")), stacks[2].Source.Selector);
    }

    [Fact]
    public void Notifiers_are_read()
    {
        var result = Parse(Everything);

        var (ops, chat) = (result.Settings!.Notifiers[0], result.Settings.Notifiers[1]);
        Assert.Equal(("ops", "discord", (SecretSource)new SecretSource.File("/etc/eclusier/discord.url")), (ops.Name, ops.Type.ToWord(), ops.Url!));
        Assert.Equal(["failed", "rolled-back", "recovered", "committed", "rejected", "expired", "suspended", "drift"], ops.On.Select(kind => kind.ToWord()));
        Assert.Equal(("chat", NotifierType.Slack), (chat.Name, chat.Type));
        Assert.Equal($"https://hooks.example.org/{SecretValue}", Assert.IsType<SecretSource.Value>(chat.Url).Secret.Reveal());
        Assert.Equal(["failed", "rolled-back", "recovered", "committed"], chat.On.Select(kind => kind.ToWord()));
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void Each_service_has_its_keys()
    {
        var settings = ParseValid("""
            notify_waiting_after: 1h
            heartbeat: { url: "https://hc.example.org/${TOKEN}", interval: 1m }
            stacks:
              shop:
                repository: https://github.com/ada/shop.git
                notify: [t, n, g, x, m, w]
                commit_status: { type: github, token: "${TOKEN}", context: eclusier/production }
            notifiers:
              t: { type: telegram, token: "${TOKEN}", chat: "-100" }
              n: { type: ntfy, topic: shop-news }
              g: { type: gotify, url: https://gotify.example.org, token: "${TOKEN}" }
              x: { type: matrix, url: https://matrix.example.org, token: "${TOKEN}", room: "!a:example.org" }
              m: { type: mail, host: smtp.example.org, port: 465, security: tls, username: me, password: "${TOKEN}", from: a@example.org, to: [b@example.org, c@example.org] }
              w: { type: webhook, url: https://hooks.example.org/, secret: "${TOKEN}" }

            """);

        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromMinutes(1)), (settings.NotifyWaitingAfter, settings.Heartbeat!.Interval));
        Assert.Equal((ForgeType.Github, "eclusier/production", null), (settings.Stacks[0].CommitStatus!.Type, settings.Stacks[0].CommitStatus!.Context, settings.Stacks[0].CommitStatus!.ApiUrl));
        Assert.Equal(["-100", "shop-news", "", "!a:example.org", "", ""], settings.Notifiers.Select(notifier => notifier.Place));
        var mail = settings.Notifiers[4].Mail!;
        Assert.Equal(("smtp.example.org", 465, MailSecurity.Tls, "a@example.org", "b@example.org c@example.org", "me"), (mail.Host, mail.Port, mail.Security, mail.From, string.Join(' ', mail.To), mail.UserName));
        Assert.All([settings.Notifiers[0].Token, mail.Password, settings.Notifiers[5].Secret], secret => Assert.Equal(SecretValue, Assert.IsType<SecretSource.Value>(secret).Secret.Reveal()));
    }

    [Fact]
    public void A_notifier_that_nobody_names_gets_a_warning() => Assert.Equal(
        "/etc/eclusier/eclusier.yaml:2:1: notifiers: no stack names 'ops' under 'notify': it is never told anything",
        Assert.Single(Parse("stacks: { a: { repository: /a } }\nnotifiers: { ops: { type: slack, url: 'https://b/' } }\n").Warnings).ToString());

    [Fact]
    public void What_is_left_out_has_the_defaults_of_the_core()
    {
        var settings = ParseValid("stacks: { shop: { repository: /srv/shop.git } }");

        var core = new AgentSettings();
        Assert.Equal((core.StateDirectory, core.MaxParallelDeployments), (settings.StateDirectory, settings.MaxParallelDeployments));
        Assert.Empty(settings.Notifiers);
        var expected = new Stack(StackName.Parse("shop"), new Source("/srv/shop.git", new RevisionSelector.Branch("main")));
        Assert.Equivalent(expected, Assert.Single(settings.Stacks), strict: true);
    }

    [Fact]
    public void What_a_probe_leaves_out_has_the_defaults_of_the_core()
    {
        var settings = ParseValid(Shop("health: { probes: [ { http: http://localhost/ } ] }"));

        Assert.Equivalent(new Probe.Http(new Uri("http://localhost/")), Assert.Single(settings.Stacks[0].Health.Probes), strict: true);
    }

    [Theory]
    [InlineData("https://git.example.org/shop.git")]
    [InlineData("http://127.0.0.1:3000/shop.git")]
    [InlineData("ssh://git@git.example.org:2222/shop.git")]
    [InlineData("git@git.example.org:team/shop.git")]
    [InlineData("git://git.example.org/shop.git")]
    [InlineData("file:///srv/shop.git")]
    [InlineData("/srv/shop.git")]
    public void A_repository_can_be_reached_in_many_ways(string address) =>
        Assert.Equal(address, ParseValid($"stacks: {{ shop: {{ repository: '{address}' }} }}").Stacks[0].Source.Repository);

    [Theory]
    [InlineData("90s", 90_000)]
    [InlineData("3m", 180_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1500ms", 1_500)]
    [InlineData("1d", 86_400_000)]
    [InlineData("1d2h3m4s5ms", 93_784_005)]
    public void Durations_have_units(string written, long milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), ParseValid(Shop($"interval: {written}")).Stacks[0].Interval);

    [Theory]
    [InlineData("200", "200")]
    [InlineData("\"200\"", "200")]
    [InlineData("2xx", "2xx")]
    [InlineData("[200, 204, 3xx]", "200 204 3xx")]
    public void Status_codes_can_be_one_a_class_or_several(string written, string expected)
    {
        var probe = ParseValid(Shop($"health: {{ probes: [ {{ http: http://localhost/, status: {written} }} ] }}")).Stacks[0].Health.Probes[0];

        Assert.Equal(expected, string.Join(' ', Assert.IsType<Probe.Http>(probe).Status));
    }

    [Fact]
    public void Variables_of_the_environment_are_put_in_any_value_but_not_in_keys_and_comments()
    {
        var settings = ParseValid("""
            interval: ${INTERVAL}     # ${NOWHERE}
            stacks:
              shop:
                repository: "https://${HOST}/shop.git"
                environment:
                  A: ${HOST}-{commit7}-${HOST}
                  B: $${HOST} $HOST $$ $
                  C: ${BRACES}
                  D: "${EMPTY}"

            """);

        var stack = Assert.Single(settings.Stacks);
        Assert.Equal(TimeSpan.FromMinutes(7), stack.Interval);
        Assert.Equal("https://git.example.org/shop.git", stack.Source.Repository);
        Assert.Equal(
            new Dictionary<string, string> { ["A"] = "git.example.org-{commit7}-git.example.org", ["B"] = "${HOST} $HOST $$ $", ["C"] = "{x}", ["D"] = "" },
            stack.Environment);
    }

    [Fact]
    public void Files_that_hold_secrets_are_looked_at_when_the_configuration_is_checked_but_not_read()
    {
        var asked = new List<string>();

        ConfigurationLoader.Parse(Everything, "conf/eclusier.yaml", Variable, path => { asked.Add(path); return null; });

        var folder = Path.GetFullPath("conf");
        Assert.Equal([$"{folder}/tokens/koprogo", "/keys/shop", "/keys/known_hosts", $"{folder}/discord.url"], asked);
    }

    [Fact]
    public void The_example_is_valid()
    {
        var path = Repository.Path("examples/eclusier.yaml");

        var result = ConfigurationLoader.Load(path, _ => null, _ => null);

        Assert.Empty(result.Problems);
        Assert.Empty(result.Warnings);
        var stack = Assert.Single(result.Settings!.Stacks);
        Assert.Equal("koprogo", stack.Name.Value);
        Assert.Equal("main-{commit7}", stack.Environment["IMAGE_TAG"]);
        Assert.Equal("/home/koprogo/koprogo", stack.Checkout);
    }
}
