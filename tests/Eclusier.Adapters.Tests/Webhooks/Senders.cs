using System.Security.Cryptography;
using System.Text;

namespace Eclusier.Adapters.Tests.Webhooks;

/// <summary>A request as a sender makes it.</summary>
internal sealed record Sent(IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string? UrlSecret { get; init; }

    public Sent With(string header, string? value)
    {
        var headers = new Dictionary<string, string>(Headers, StringComparer.OrdinalIgnoreCase);
        if (value is null) { headers.Remove(header); } else { headers[header] = value; }
        return this with { Headers = headers };
    }

    public string? Header(string name) => Headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}

/// <summary>What each forge and registry sends for a push, by their documentation: headers, body and signature.</summary>
internal static class Senders
{
    public const string Secret = "it's a secret to everybody";

    public const string SigningToken = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    public static readonly DateTimeOffset Now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    public const string GithubPush = """
        {"ref":"refs/heads/main","before":"6113728f27ae82c7b1a177c8d03f9e96e0adf246","after":"59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5","created":false,"deleted":false,"forced":false,
        "repository":{"id":186853002,"name":"shop","full_name":"ada/shop","private":true,"owner":{"name":"ada","login":"ada"},"html_url":"https://github.com/ada/shop","clone_url":"https://github.com/ada/shop.git",
        "ssh_url":"git@github.com:ada/shop.git","default_branch":"main"},"pusher":{"name":"ada"},"sender":{"login":"ada"},
        "commits":[{"id":"59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5","message":"Pay by card","author":{"name":"Ada"},"added":[],"removed":[],"modified":["compose.yaml"]}]}
        """;

    public const string GithubPackage = """
        {"action":"published","registry_package":{"id":10696,"name":"shop","namespace":"ada","ecosystem":"CONTAINER","package_type":"CONTAINER","html_url":"https://github.com/ada/packages/10696",
        "owner":{"login":"ada"},"package_version":{"id":47,"version":"sha256:7d1a","name":"sha256:7d1a","package_url":"ghcr.io/ada/shop:latest","container_metadata":{"tag":{"name":"latest","digest":"sha256:7d1a"},"labels":{}}}},
        "repository":{"full_name":"ada/shop"},"sender":{"login":"ada"}}
        """;

    public const string GitlabPush = """
        {"object_kind":"push","event_name":"push","before":"95790bf891e76fee5e1747ab589903a6a1f80f22","after":"da1560886d4f094c3e6c9ef40349f7d38b5d27d7","ref":"refs/heads/main","checkout_sha":"da1560886d4f094c3e6c9ef40349f7d38b5d27d7",
        "user_name":"Ada","project_id":15,"project":{"id":15,"name":"Shop","path_with_namespace":"ada/shop","git_ssh_url":"git@gitlab.example.org:ada/shop.git","git_http_url":"https://gitlab.example.org/ada/shop.git","default_branch":"main"},
        "commits":[{"id":"da1560886d4f094c3e6c9ef40349f7d38b5d27d7","message":"Pay by card"}],"total_commits_count":1}
        """;

    public const string GiteaPush = """
        {"ref":"refs/heads/main","before":"28e1879d029cb852e4844d9c718537df08844e03","after":"bffeb74224043ba2feb48d137756c8a9331c449a","compare_url":"https://git.example.org/ada/shop/compare/28e1...bffe",
        "commits":[{"id":"bffeb74224043ba2feb48d137756c8a9331c449a","message":"Pay by card"}],"total_commits":1,
        "repository":{"id":140,"owner":{"id":1,"login":"ada"},"name":"shop","full_name":"ada/shop","html_url":"https://git.example.org/ada/shop","ssh_url":"ssh://git@git.example.org/ada/shop.git","clone_url":"https://git.example.org/ada/shop.git"},
        "pusher":{"login":"ada"},"sender":{"login":"ada"}}
        """;

    public const string BitbucketPush = """
        {"push":{"changes":[{"old":{"type":"branch","name":"main","target":{"hash":"1e65c05c1d5171631d92438a13901ca7dae9618c"}},"new":{"type":"branch","name":"main","target":{"hash":"709d658dc5b6d6afcd46049c2f332ee3f515a67d"}},
        "created":false,"forced":false,"closed":false}]},"actor":{"display_name":"Ada"},"repository":{"type":"repository","full_name":"ada/shop","name":"shop","uuid":"{673a6070-3421-46c9-9d48-90745f7bfe8e}"}}
        """;

    public const string BitbucketServerPush = """
        {"eventKey":"repo:refs_changed","date":"2026-11-29T13:00:00+1000","actor":{"name":"ada"},"repository":{"slug":"shop","id":84,"name":"shop","scmId":"git","project":{"key":"SHOP","id":84}},
        "changes":[{"ref":{"id":"refs/heads/main","displayId":"main","type":"BRANCH"},"refId":"refs/heads/main","fromHash":"ecddabb624f6f5ba43816f5926e580a5f680a932","toHash":"178864a7d521b6f5e720b386b2c2b0ef8563e0dc","type":"UPDATE"}]}
        """;

    public const string DockerHubPush = """
        {"callback_url":"https://registry.hub.docker.com/u/ada/shop/hook/2141b5bi5i5b02bec211i4eeih0242eg11000a/","push_data":{"pushed_at":1417566161,"pusher":"ada","tag":"latest","images":[]},
        "repository":{"comment_count":0,"date_created":1417494799,"description":"","is_official":false,"is_private":true,"name":"shop","namespace":"ada","owner":"ada","repo_name":"ada/shop","repo_url":"https://registry.hub.docker.com/u/ada/shop/","status":"Active"}}
        """;

    public const string HarborPush = """
        {"type":"PUSH_ARTIFACT","occur_at":1586922308,"operator":"ada","event_data":{"resources":[{"digest":"sha256:8a9e9863dbb6","tag":"latest","resource_url":"hub.example.org/ada/shop:latest"}],
        "repository":{"date_created":1586922308,"name":"shop","namespace":"ada","repo_full_name":"ada/shop","repo_type":"private"}}}
        """;

    public const string HarborCloudEvent = """
        {"specversion":"1.0","id":"4b2f89a6-548d-4c12-9993-a1f5790b97d2","source":"/projects/1/webhook/policies/3","type":"harbor.artifact.pushed","datacontenttype":"application/json","time":"2026-11-29T12:00:00Z",
        "data":{"resources":[{"digest":"sha256:954b378c3","tag":"latest","resource_url":"hub.example.org/ada/shop:latest"}],"repository":{"name":"shop","namespace":"ada","repo_full_name":"ada/shop","repo_type":"private"}},"operator":"ada"}
        """;

    public const string DistributionPush = """
        {"events":[{"id":"320678d8-ca14-430f-8bb6-4ca139cd83f7","timestamp":"2026-11-29T12:00:00.402973972-08:00","action":"push","target":{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":708,
        "digest":"sha256:fea8895f450959fa676bcc1df0611ea93823a735a01205fd8622846041d0c7cf","length":708,"repository":"ada/shop","url":"http://registry.lan:5000/v2/ada/shop/manifests/sha256:fea8","tag":"latest"},
        "request":{"id":"6df24a34","addr":"10.0.0.7:42961","host":"registry.lan:5000","method":"PUT","useragent":"docker/28.2.2"},"actor":{},"source":{"addr":"registry:5000","instanceID":"a53db899"}}]}
        """;

    public static Sent Github => Signed(GithubPush, "X-Hub-Signature-256", "sha256=", ("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"), ("X-Hub-Signature", "sha1=0000000000000000000000000000000000000000"));

    public static Sent GithubRegistry => Signed(GithubPackage, "X-Hub-Signature-256", "sha256=", ("X-GitHub-Event", "registry_package"), ("X-GitHub-Delivery", "82d3162e-cc78-11e3-81ab-4c9367dc0958"));

    public static Sent GitlabToken => Plain(GitlabPush, ("X-Gitlab-Event", "Push Hook"), ("X-Gitlab-Event-UUID", "13792a34-cac6-4fda-95a8-c58e00a3954e"), ("X-Gitlab-Token", Secret));

    public static Sent Forgejo => Signed(GiteaPush, "X-Forgejo-Signature", "", ("X-Forgejo-Event", "push"), ("X-Forgejo-Delivery", "f6266f16-1bf3-46a5-9ea4-602e06ead473"), ("X-Gitea-Event", "push"), ("X-GitHub-Event", "push"));

    public static Sent Gitea => Signed(GiteaPush, "X-Gitea-Signature", "", ("X-Gitea-Event", "push"), ("X-Gitea-Delivery", "f6266f16-1bf3-46a5-9ea4-602e06ead473"));

    public static Sent Bitbucket => Signed(BitbucketPush, "X-Hub-Signature", "sha256=", ("X-Event-Key", "repo:push"), ("X-Request-UUID", "9d5c2b1a"), ("X-Hook-UUID", "3f"));

    public static Sent BitbucketServer => Signed(BitbucketServerPush, "X-Hub-Signature", "sha256=", ("X-Event-Key", "repo:refs_changed"), ("X-Request-Id", "9d5c2b1b"));

    public static Sent DockerHub => Plain(DockerHubPush) with { UrlSecret = Secret };

    public static Sent Harbor => Plain(HarborPush, ("Authorization", Secret));

    public static Sent HarborCloud => Plain(HarborCloudEvent, ("Authorization", $"Bearer {Secret}"));

    public static Sent Distribution => Plain(DistributionPush, ("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"registry:{Secret}"))}"));

    public static Sent GitlabSigned(DateTimeOffset at)
    {
        var time = $"{at.ToUnixTimeSeconds()}";
        const string Id = "5a1b0ffb-2b94-4c31-a9ce-24fd1df8a1f1";
        var key = Convert.FromBase64String(SigningToken["whsec_".Length..]);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{Id}.{time}.{GitlabPush}")));
        return Plain(GitlabPush, ("X-Gitlab-Event", "Push Hook"), ("webhook-id", Id), ("webhook-timestamp", time), ("webhook-signature", $"v1,{signature}"));
    }

    public static Sent Of(string sender) => sender switch
    {
        "github" => Github,
        "github-registry" => GithubRegistry,
        "gitlab-token" => GitlabToken,
        "gitlab-signed" => GitlabSigned(Now),
        "forgejo" => Forgejo,
        "gitea" => Gitea,
        "bitbucket" => Bitbucket,
        "bitbucket-server" => BitbucketServer,
        "docker-hub" => DockerHub,
        "harbor" => Harbor,
        "harbor-cloud" => HarborCloud,
        "distribution" => Distribution,
        _ => throw new ArgumentException(sender),
    };

    public static string SecretOf(string sender) => sender == "gitlab-signed" ? SigningToken : Secret;

    private static Sent Signed(string body, string header, string prefix, params (string Name, string Value)[] headers) =>
        Plain(body, [.. headers, (header, $"{prefix}{Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(body)))}")]);

    private static Sent Plain(string body, params (string Name, string Value)[] headers) =>
        new(headers.Append(("Content-Type", "application/json")).DistinctBy(header => header.Item1).ToDictionary(header => header.Item1, header => header.Item2), body);
}
