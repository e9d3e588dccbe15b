using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Eclusier.Core.Stacks;
using Eclusier.Operations;
using Eclusier.Output;

namespace Eclusier.Api;

/// <summary>Asks the running daemon, over its Unix socket.</summary>
public sealed class RemoteAgent : IAgent, IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan GreetTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(1); // of a question; work that streams has none

    private readonly string _socket;
    private readonly TimeProvider _timeProvider;
    private readonly HttpClient _http;

    public RemoteAgent(string socket, TimeProvider timeProvider)
    {
        _socket = socket;
        _timeProvider = timeProvider;
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            ConnectTimeout = ConnectTimeout,
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8, // a reason has accents
        })
        {
            BaseAddress = new Uri("http://eclusier/api/v1/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <returns><c>null</c> when nobody listens there.</returns>
    /// <exception cref="DaemonException">Somebody is there, but cannot be talked to.</exception>
    public async Task<AgentIdentity?> GreetAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync("agent", AgentJson.Default.AgentIdentity, GreetTimeout, cancellationToken);
        }
        catch (DaemonException exception) when (exception.InnerException?.InnerException is SocketException
        {
            SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable,
        })
        {
            return null; // no such file, or a dead agent's
        }
        catch (DaemonException exception) when (exception.InnerException?.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied })
        {
            throw new DaemonException($"no permission to open {_socket}: ask as root, or as a member of the socket's group", exception);
        }
    }

    public async Task<IReadOnlyList<StackStatus>> StatusAsync(StackName? stack, CancellationToken cancellationToken) =>
        (await GetAsync(stack is null ? "stacks" : $"stacks/{stack}", AgentJson.Default.StatusDocument, AnswerTimeout, cancellationToken)).Stacks;

    public Task<HistoryReport> HistoryAsync(StackName? stack, int limit, CancellationToken cancellationToken) =>
        GetAsync(stack is null ? $"history?limit={limit}" : $"stacks/{stack}/history?limit={limit}", AgentJson.Default.HistoryReport, AnswerTimeout, cancellationToken);

    public Task<ReleaseReport?> ShowAsync(StackName stack, int release, CancellationToken cancellationToken) =>
        FindAsync($"stacks/{stack}/releases/{release}", AgentJson.Default.ReleaseReport, AnswerTimeout, absent: ErrorCodes.UnknownRelease, cancellationToken);

    public Task<ComparisonReport?> CompareAsync(StackName stack, int from, int to, CancellationToken cancellationToken) =>
        FindAsync($"stacks/{stack}/diff?from={from}&to={to}", AgentJson.Default.ComparisonReport, AnswerTimeout, absent: ErrorCodes.UnknownRelease, cancellationToken);

    public Task<StatsReport> StatsAsync(CancellationToken cancellationToken) =>
        GetAsync("stats", AgentJson.Default.StatsReport, AnswerTimeout, cancellationToken);

    public async Task<NotifyReport> TestNotifiersAsync(string? notifier, CancellationToken cancellationToken) =>
        (await WorkAsync("notify/test", Body(new NotifyTestRequest(notifier), AgentJson.Default.NotifyTestRequest), static _ => { }, line => line.Notified is not null, cancellationToken)).Notified!;

    public async Task<ReloadReport> ReloadAsync(CancellationToken cancellationToken) =>
        (await WorkAsync("reload", null, static _ => { }, line => line.Reloaded is not null, cancellationToken)).Reloaded!;

    public async Task<PlanReport> PlanAsync(StackName stack, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        (await WorkAsync($"stacks/{stack}/plan", null, progress, line => line.Plan is not null, cancellationToken)).Plan!;

    public Task<OutcomeReport> DeployAsync(StackName stack, bool force, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        OutcomeAsync($"stacks/{stack}/deploy", Body(new DeployRequest(force), AgentJson.Default.DeployRequest), progress, cancellationToken);

    public Task<OutcomeReport> RollBackAsync(StackName stack, int? release, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        OutcomeAsync($"stacks/{stack}/rollback", Body(new RollbackRequest(release), AgentJson.Default.RollbackRequest), progress, cancellationToken);

    public Task<OutcomeReport> RetryAsync(StackName stack, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        OutcomeAsync($"stacks/{stack}/retry", null, progress, cancellationToken);

    public Task<OutcomeReport> SuspendAsync(StackName stack, string reason, CancellationToken cancellationToken) =>
        OutcomeAsync($"stacks/{stack}/suspend", Body(new SuspendRequest(reason), AgentJson.Default.SuspendRequest), static _ => { }, cancellationToken);

    public Task<OutcomeReport> ResumeAsync(StackName stack, CancellationToken cancellationToken) =>
        OutcomeAsync($"stacks/{stack}/resume", null, static _ => { }, cancellationToken);

    public async IAsyncEnumerable<LogEntry> LogsAsync(StackName stack, int lines, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = $"stacks/{stack}/logs?lines={lines}&follow={(follow ? "true" : "false")}";
        await foreach (var line in LinesAsync(HttpMethod.Get, path, null, cancellationToken))
        {
            if (line.Log is { } entry)
            {
                yield return entry;
            }
        }
    }

    public Task<OutcomeReport> CheckAsync(StackName stack, CancellationToken cancellationToken) =>
        OutcomeAsync($"stacks/{stack}/check", null, static _ => { }, cancellationToken);

    public Task<TokensReport> TokensAsync(CancellationToken cancellationToken) =>
        GetAsync("tokens", AgentJson.Default.TokensReport, AnswerTimeout, cancellationToken);

    public Task<NewTokenReport> CreateTokenAsync(string name, Role role, DateTimeOffset? expiresAt, CancellationToken cancellationToken) =>
        AnswerAsync(HttpMethod.Post, "tokens", Body(new TokenRequest(name, role.ToWord(), expiresAt), AgentJson.Default.TokenRequest), AgentJson.Default.NewTokenReport, cancellationToken);

    public Task<TokensReport> RevokeTokenAsync(string name, CancellationToken cancellationToken) =>
        AnswerAsync(HttpMethod.Delete, $"tokens/{Uri.EscapeDataString(name)}", null, AgentJson.Default.TokensReport, cancellationToken);

    public Task<AuditReport> AuditAsync(int limit, CancellationToken cancellationToken) =>
        GetAsync($"audit?limit={limit}", AgentJson.Default.AuditReport, AnswerTimeout, cancellationToken);

    /// <summary>The same, with a reason for the audit in every request.</summary>
    public RemoteAgent WithReason(string reason)
    {
        var line = new string([.. reason.Select(letter => char.IsControl(letter) ? ' ' : letter)]).Trim();
        _http.DefaultRequestHeaders.Remove(Requests.ReasonHeader);
        _http.DefaultRequestHeaders.TryAddWithoutValidation(Requests.ReasonHeader, line);
        return this;
    }

    public void Dispose() => _http.Dispose();

    private async Task<OutcomeReport> OutcomeAsync(string path, HttpContent? body, Action<ProgressLine> progress, CancellationToken cancellationToken) =>
        (await WorkAsync(path, body, progress, line => line.Outcome is not null, cancellationToken)).Outcome!;

    private async Task<StreamLine> WorkAsync(string path, HttpContent? body, Action<ProgressLine> progress, Func<StreamLine, bool> isLast, CancellationToken cancellationToken)
    {
        await foreach (var line in LinesAsync(HttpMethod.Post, path, body, cancellationToken))
        {
            if (isLast(line))
            {
                return line;
            }

            if (line.Progress is { } made)
            {
                progress(made);
            }
        }

        throw WentAway(null);
    }

    private async IAsyncEnumerable<StreamLine> LinesAsync(HttpMethod method, string path, HttpContent? body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await AskAsync(method, path, body, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw Refusal(await ErrorOfAsync(response, cancellationToken));
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await NextAsync(reader, cancellationToken) is { } line)
        {
            yield return line.Error is { } error ? throw Refusal(error) : line;
        }
    }

    private async Task<StreamLine?> NextAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken) is { } text ? JsonSerializer.Deserialize(text, AgentJson.Default.StreamLine) : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException) // cut off, maybe within a line
        {
            throw WentAway(exception);
        }
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, TimeSpan timeout, CancellationToken cancellationToken)
        where T : class => (await FindAsync(path, type, timeout, absent: null, cancellationToken))!;

    private async Task<T> AnswerAsync<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => (await FindAsync(method, path, body, type, AnswerTimeout, absent: null, cancellationToken))!;

    /// <returns><c>null</c> when the daemon answers with the error <paramref name="absent"/>.</returns>
    private Task<T?> FindAsync<T>(string path, JsonTypeInfo<T> type, TimeSpan timeout, string? absent, CancellationToken cancellationToken)
        where T : class => FindAsync(HttpMethod.Get, path, null, type, timeout, absent, cancellationToken);

    private async Task<T?> FindAsync<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, TimeSpan timeout, string? absent, CancellationToken cancellationToken)
        where T : class
    {
        using var deadline = new CancellationTokenSource(timeout, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var response = await AskAsync(method, path, body, either.Token);
            if (!response.IsSuccessStatusCode)
            {
                var error = await ErrorOfAsync(response, either.Token);
                return error.Code == absent ? null : throw Refusal(error);
            }

            return await response.Content.ReadFromJsonAsync(type, either.Token) ?? throw new JsonException("the answer is empty");
        }
        catch (OperationCanceledException exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DaemonException($"the daemon at {_socket} did not answer within {timeout.TotalSeconds} s", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
        {
            throw new DaemonException($"the daemon at {_socket} gave no proper answer: {exception.Message}", exception);
        }
    }

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw exception.InnerException is SocketException
                ? new DaemonException($"the daemon at {_socket} cannot be reached: {exception.InnerException.Message}", exception)
                : WentAway(exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DaemonException($"the daemon at {_socket} did not take the connection within {ConnectTimeout.TotalSeconds} s", exception);
        }
    }

    private static async Task<ErrorBody> ErrorOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var document = await response.Content.ReadFromJsonAsync(AgentJson.Default.ErrorDocument, cancellationToken);
            return document?.Error ?? throw new JsonException("no error in the answer");
        }
        catch (JsonException)
        {
            return new ErrorBody(ErrorCodes.Failed, $"it answered {(int)response.StatusCode} {response.StatusCode}");
        }
    }

    private static Exception Refusal(ErrorBody error) => error.Code is ErrorCodes.Failed or ErrorCodes.Stopping
        ? new DaemonException(error.Message)
        : new RequestException(error.Message);

    private DaemonException WentAway(Exception? cause) =>
        new($"the daemon at {_socket} went away before it was done; it finishes or undoes what was begun when it is back: see `eclusier status`", cause);

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socket), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static JsonContent Body<T>(T value, JsonTypeInfo<T> type) => JsonContent.Create(value, type);
}
