using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using CliWrap;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Eclusier.Lab;

/// <summary>A real git server over HTTP: <c>git http-backend</c> behind Kestrel, with the faults that servers show.</summary>
public sealed class GitHttpServer : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly string root;
    private readonly GitLfsStore lfs;
    private readonly ConcurrentQueue<string> requests = new();
    private readonly ConcurrentQueue<GitRequest> received = new();

    private GitHttpServer(string root, WebApplication application)
    {
        this.root = root;
        this.application = application;
        lfs = new GitLfsStore(Path.Combine(root, ".lfs"));
    }

    /// <summary>The address of the server, without a slash at the end.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Asked for by basic authentication; <c>null</c>: everyone may read.</summary>
    public (string User, string Password)? Credential { get; set; }

    /// <summary>Every request is answered with this status, for example 503; <c>null</c>: none is.</summary>
    public int? FailWith { get; set; }

    /// <summary>The status to answer requests for a path with; <c>null</c> lets the request pass.</summary>
    public Func<string, int?>? FailFor { get; set; }

    /// <summary>Requests are accepted and never answered.</summary>
    public bool Hangs { get; set; }

    /// <summary>Such requests are accepted, and answered only when this is no longer so.</summary>
    public Func<GitRequest, bool>? HoldsUp { get; set; }

    /// <summary>Pushing is allowed too.</summary>
    public bool AcceptsPushes { get; set; }

    /// <summary>Git's protocol version 0 only, as old servers.</summary>
    public bool SpeaksOldProtocol { get; set; }

    /// <summary>What was asked, oldest first: <c>GET /app.git/info/refs?service=git-upload-pack</c>.</summary>
    public IReadOnlyList<string> Requests => [.. requests];

    /// <summary>How many requests came so far.</summary>
    public int RequestCount => requests.Count;

    /// <summary>As <see cref="Requests"/>, with more about each.</summary>
    public IReadOnlyList<GitRequest> Received => [.. received];

    /// <param name="root">The folder of the bare repositories.</param>
    /// <param name="port">On 127.0.0.1; 0: a free one.</param>
    public static async Task<GitHttpServer> StartAsync(string root, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(IPAddress.Loopback, port);
            options.Limits.MaxRequestBodySize = null;
        });
        var application = builder.Build();
        var server = new GitHttpServer(root, application);
        application.Run(server.AnswerAsync);
        await application.StartAsync();
        server.Url = ((IApplicationBuilder)application).ServerFeatures.Get<IServerAddressesFeature>()!.Addresses.Single();
        return server;
    }

    /// <summary>The address of a repository below the root.</summary>
    public string UrlOf(GitRepository repository) => $"{Url}/{Path.GetRelativePath(root, repository.Bare)}";

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(); // requests that hang must not hold up the end of a test
        await atOnce.CancelAsync();
        await application.StopAsync(atOnce.Token);
        await application.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var request = new GitRequest(Stopwatch.GetTimestamp(), context.Request.Method, context.Request.Path.Value!, context.Request.Headers.UserAgent.ToString());
        received.Enqueue(request);
        requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        while (HoldsUp?.Invoke(request) == true && !context.RequestAborted.IsCancellationRequested)
        {
            await Task.Delay(50);
        }

        if (Hangs)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
        else if ((FailWith ?? FailFor?.Invoke(context.Request.Path.Value!)) is { } status)
        {
            context.Response.StatusCode = status;
        }
        else if (Credential is { } credential && context.Request.Headers.Authorization != Basic(credential))
        {
            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"git\"";
        }
        else if (!await lfs.TryAnswerAsync(context, Url))
        {
            await RunBackendAsync(context);
        }
    }

    private static string Basic((string User, string Password) credential) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.User}:{credential.Password}"));

    /// <summary>CGI: the request's body on standard input, headers and body of the answer on standard output.</summary>
    private async Task RunBackendAsync(HttpContext context)
    {
        var request = context.Request;
        var environment = new Dictionary<string, string?>
        {
            ["GIT_PROJECT_ROOT"] = root,
            ["GIT_HTTP_EXPORT_ALL"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_CONFIG_COUNT"] = "3",
            ["GIT_CONFIG_KEY_0"] = "http.receivepack",
            ["GIT_CONFIG_VALUE_0"] = AcceptsPushes ? "true" : "false",
            ["GIT_CONFIG_KEY_1"] = "safe.directory",
            ["GIT_CONFIG_VALUE_1"] = "*",
            ["GIT_CONFIG_KEY_2"] = "uploadpack.allowFilter",
            ["GIT_CONFIG_VALUE_2"] = "true",
            ["REQUEST_METHOD"] = request.Method,
            ["PATH_INFO"] = request.Path.Value,
            ["QUERY_STRING"] = request.QueryString.Value?.TrimStart('?'),
            ["CONTENT_TYPE"] = request.ContentType,
            ["CONTENT_LENGTH"] = request.ContentLength?.ToString(CultureInfo.InvariantCulture),
            ["HTTP_CONTENT_ENCODING"] = request.Headers.ContentEncoding,
            ["GIT_PROTOCOL"] = SpeaksOldProtocol ? null : (string?)request.Headers["Git-Protocol"],
            ["REMOTE_ADDR"] = "127.0.0.1",
            ["REMOTE_USER"] = Credential?.User,
        };
        using var output = new MemoryStream();
        await Cli.Wrap("git").WithArguments(["http-backend"])
            .WithEnvironmentVariables(environment)
            .WithStandardInputPipe(PipeSource.FromStream(request.Body))
            .WithStandardOutputPipe(PipeTarget.ToStream(output))
            .WithValidation(CommandResultValidation.None)
            .ExecuteAsync(context.RequestAborted);

        var answer = output.GetBuffer().AsMemory(0, (int)output.Length);
        var end = answer.Span.IndexOf("\r\n\r\n"u8);
        foreach (var line in Encoding.ASCII.GetString(answer.Span[..Math.Max(end, 0)]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (line[..line.IndexOf(':')], line[(line.IndexOf(':') + 1)..].Trim());
            if (name == "Status")
            {
                context.Response.StatusCode = int.Parse(value.Split(' ')[0], CultureInfo.InvariantCulture);
            }
            else
            {
                context.Response.Headers[name] = value;
            }
        }

        await context.Response.Body.WriteAsync(answer[(end < 0 ? 0 : end + 4)..], context.RequestAborted);
    }
}

/// <summary>What a <see cref="GitHttpServer"/> was asked.</summary>
/// <param name="At">When it came, as <see cref="Stopwatch.GetTimestamp"/> tells it.</param>
/// <param name="Path">Without the query.</param>
public sealed record GitRequest(long At, string Method, string Path, string UserAgent)
{
    /// <summary>It comes from the git program, which the agent has fetch; the agent's own questions for references do not.</summary>
    public bool IsOfGit => UserAgent.StartsWith("git/", StringComparison.Ordinal) && !UserAgent.Contains("eclusier", StringComparison.Ordinal);

    /// <summary>A fetch begins.</summary>
    public bool BeginsFetch => IsOfGit && Path.EndsWith("/info/refs", StringComparison.Ordinal);
}
