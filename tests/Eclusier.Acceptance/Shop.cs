using Eclusier.Lab;

namespace Eclusier.Acceptance;

/// <summary>A stack with a web service, and all that it needs, of its own: a repository, a registry, a port, an installation of Eclusier.</summary>
/// <remarks>Version <c>v7</c> of the web service is the image <c>shop/web:v7</c>; it answers <c>web v7</c>.</remarks>
internal sealed partial class Shop : IAsyncDisposable
{
    /// <summary>Quick for a test, and long enough for a busy machine.</summary>
    public const string QuickHealth = "timeout: 15s\ninterval: 500ms\nsoak: 1s";

    private readonly HttpClient client = new() { Timeout = TimeSpan.FromSeconds(5) };
    private string imageHost;
    private string? engine;

    private Shop(EclusierHost host, Registry registry, string stack)
    {
        (Host, Registry, Stack) = (host, registry, stack);
        imageHost = registry.Host;
        Repository = GitRepository.Create(Path.Combine(host.Folder, "git", "shop.git"));
        Images = new SampleImages(registry.Host);
        host.CleansUpImagesOf(registry.Host);
    }

    public EclusierHost Host { get; }

    public Registry Registry { get; }

    public SampleImages Images { get; }

    public GitRepository Repository { get; }

    /// <summary>The stack, and its Compose project.</summary>
    public string Stack { get; }

    /// <summary>Where the web service answers.</summary>
    public int Port { get; } = FreePort.Take();

    /// <summary>What image names begin with: the registry's address, or that of what stands before it.</summary>
    public string ImageHost
    {
        get => imageHost;
        set
        {
            imageHost = value;
            Host.CleansUpImagesOf(value);
        }
    }

    /// <summary>The Docker Engine of the stack, as in <c>DOCKER_HOST</c>; <c>null</c>: the machine's.</summary>
    public string? Engine
    {
        get => engine;
        set
        {
            engine = value;
            Host.Environment["DOCKER_HOST"] = value!;
        }
    }

    /// <summary>What else the web service has in the Compose file: <c>restart: always</c>.</summary>
    public string WebKeys { get; set; } = "";

    /// <summary>What else <c>services:</c> has: <c>worker: { image: … }</c>.</summary>
    public string MoreServices { get; set; } = "";

    /// <summary>What else the Compose file has: <c>volumes: { data: {} }</c>.</summary>
    public string MoreSections { get; set; } = "";

    /// <param name="settings">What else the stack has in the configuration; also another <c>repository</c>.</param>
    /// <param name="probe">Whether the web service's <c>/health</c> is asked.</param>
    /// <param name="program">Another program than the one under test.</param>
    public static async Task<Shop> CreateAsync(string settings = "", string health = QuickHealth, bool probe = true, Registry? registry = null, string? program = null)
    {
        var host = new EclusierHost(program);
        try
        {
            var shop = new Shop(host, registry ?? await Registry.StartAsync(), host.NewStack("shop"));
            shop.Configure(settings, health, probe);
            return shop;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes the configuration; a running daemon reads it when it starts next.</summary>
    public void Configure(string settings = "", string health = QuickHealth, bool probe = true)
    {
        var repository = settings.Contains("repository:", StringComparison.Ordinal) ? "" : $"repository: {Repository.Bare}\n";
        var probes = probe ? $"\nprobes:\n  - http: http://127.0.0.1:{Port}/health\n    timeout: 2s" : "";
        Host.Configure($"""
            interval: 1s
            stacks:
              {Stack}:
            {Indent(4, $"{repository}{settings}")}
                health:
            {Indent(6, $"{health}{probes}")}
            """);
    }

    /// <summary>The name of an image in this shop's registry.</summary>
    public string Image(string name, string tag) => $"{ImageHost}/shop/{name}:{tag}";

    /// <summary>The Compose file, with this tag of the web service's image.</summary>
    public string Compose(string tag) => $$"""
        services:
          web:
            image: {{Image("web", tag)}}
            ports: ["127.0.0.1:{{Port}}:8080"]
        {{Indent(4, WebKeys)}}
        {{Indent(2, MoreServices)}}
        {{MoreSections}}

        """;

    /// <summary>Pushes the image of a version, then a commit that uses it.</summary>
    /// <param name="bits">How this version behaves; left out: well.</param>
    /// <returns>The commit.</returns>
    public async Task<string> PushAsync(string version, Func<Behaviour, Behaviour>? bits = null, params (string Path, string Content)[] files)
    {
        var commit = await CommitAsync(version, bits, files);
        Repository.Push();
        return commit;
    }

    /// <summary>As <see cref="PushAsync"/>; the commit is not pushed yet.</summary>
    public async Task<string> CommitAsync(string version, Func<Behaviour, Behaviour>? bits = null, params (string Path, string Content)[] files)
    {
        await PushImageAsync("web", version, version, bits);
        return Repository.CommitLocally($"Web {version}", [("compose.yaml", Compose(version)), .. files]);
    }

    /// <summary>Pushes an image: <c>PushImageAsync("web", "latest", "v2")</c>.</summary>
    /// <returns>Its digest.</returns>
    public Task<string> PushImageAsync(string name, string tag, string version, Func<Behaviour, Behaviour>? bits = null, string mode = "serve")
    {
        var good = new Behaviour(name, version) { Mode = mode };
        return Images.PushAsync($"shop/{name}", tag, bits is null ? good : bits(good));
    }

    /// <summary>What the web service answers: <c>web v1</c>; otherwise why it does not.</summary>
    public async Task<string> AnswerAsync(string path = "/")
    {
        try
        {
            using var answer = await client.GetAsync(new Uri($"http://127.0.0.1:{Port}{path}"), Token);
            var text = (await answer.Content.ReadAsStringAsync(Token)).Trim();
            return answer.IsSuccessStatusCode ? text : $"{(int)answer.StatusCode} {text}";
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is TaskCanceledException && !Token.IsCancellationRequested))
        {
            return "no answer";
        }
    }

    /// <summary>Waits until the newest deployment of the commit is closed, and expects this result.</summary>
    public async Task<DeploymentView> ExpectAsync(string result, string commit, long after = 0)
    {
        var deployment = await Host.AwaitDeploymentAsync(Stack, commit, after, cancellationToken: Token);
        Assert.True(deployment.Result == result, $"expected {result}: {deployment}\n{string.Join('\n', Host.Journal)}");
        return deployment;
    }

    public Task<StatusView> StatusAsync() => Host.StatusAsync(Stack);

    public Task<HistoryView> HistoryAsync() => Host.HistoryAsync(Stack);

    public Task<StatusView> AwaitStatusAsync(string what, Func<StatusView, bool> isSo) => Host.AwaitStatusAsync(Stack, what, isSo, cancellationToken: Token);

    /// <summary>Waits until the daemon has looked so many more times, and has made up its mind each time.</summary>
    public async Task PollsAsync(int count)
    {
        // a look begins with this line: one more than asked for has begun when as many have ended
        var before = Looks();
        await Wait.ForAsync($"{count} more looks are over", TimeSpan.FromSeconds(30 + (3 * count)), () => Looks() - before, looks => looks > count, Token);
    }

    public Task<IReadOnlyList<LabContainer>> ContainersAsync() => DockerCli.ContainersAsync(Stack, Engine);

    /// <summary>The one container of a service.</summary>
    public async Task<LabContainer> ContainerAsync(string service) => (await ContainersAsync()).Single(container => container.Service == service);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        await Registry.DisposeAsync();
        Images.Dispose();
        client.Dispose();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private int Looks() => Host.Journal.Count(line => line.Contains($"{Stack}: Checking for updates", StringComparison.Ordinal));

    private static string Indent(int spaces, string lines) =>
        string.Join('\n', lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => new string(' ', spaces) + line));
}
