using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Eclusier.Adapters.DockerEngine;

/// <summary>The questions and orders of the Docker Engine API that the agent needs, in one version of it.</summary>
/// <param name="version">In front of each path, for example <c>v1.41/</c>; empty: none, for the question after the version itself.</param>
internal sealed class EngineApi(HttpClient http, string version)
{
    private const int LargestErrorBytes = 64 * 1024;

    public Task<VersionAnswer> ReadVersionAsync(CancellationToken cancellationToken) => GetAsync("version", EngineJson.Default.VersionAnswer, cancellationToken);

    public Task<InfoAnswer> ReadInfoAsync(CancellationToken cancellationToken) => GetAsync("info", EngineJson.Default.InfoAnswer, cancellationToken);

    /// <param name="project">A Compose project; <c>null</c>: those of everybody.</param>
    /// <param name="all">Those that do not run, too.</param>
    public async Task<IReadOnlyList<ListedContainer>> ListContainersAsync(string? project, bool all, CancellationToken cancellationToken) =>
        [.. (await GetAsync($"containers/json?all={Word(all)}{(project is null ? "" : $"&filters={Filters(OfProject(project))}")}", EngineJson.Default.IReadOnlyListListedContainer, cancellationToken)).OfType<ListedContainer>()];

    public Task<InspectedContainer> InspectContainerAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"containers/{Segment(id)}/json", EngineJson.Default.InspectedContainer, cancellationToken);

    public Task RemoveContainerAsync(string id, CancellationToken cancellationToken) => OrderAsync(HttpMethod.Delete, $"containers/{Segment(id)}?force=true", cancellationToken);

    /// <param name="signal">A name, <c>SIGHUP</c>.</param>
    public Task KillContainerAsync(string id, string signal, CancellationToken cancellationToken) =>
        OrderAsync(HttpMethod.Post, $"containers/{Segment(id)}/kill?signal={Value(signal)}", cancellationToken);

    public Task RenameContainerAsync(string id, string name, CancellationToken cancellationToken) =>
        OrderAsync(HttpMethod.Post, $"containers/{Segment(id)}/rename?name={Value(name)}", cancellationToken);

    public Task UnpauseContainerAsync(string id, CancellationToken cancellationToken) => OrderAsync(HttpMethod.Post, $"containers/{Segment(id)}/unpause", cancellationToken);

    /// <summary>Networks whose names hold one of these: the engine looks for parts.</summary>
    public Task<IReadOnlyList<ListedNetwork>> FindNetworksAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        GetAsync($"networks?filters={Filters(Named(names))}", EngineJson.Default.IReadOnlyListListedNetwork, cancellationToken);

    /// <summary>As for networks.</summary>
    public Task<VolumesAnswer> FindVolumesAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        GetAsync($"volumes?filters={Filters(Named(names))}", EngineJson.Default.VolumesAnswer, cancellationToken);

    public Task<IReadOnlyList<ListedNetwork>> ListNetworksAsync(string project, CancellationToken cancellationToken) =>
        GetAsync($"networks?filters={Filters(OfProject(project))}", EngineJson.Default.IReadOnlyListListedNetwork, cancellationToken);

    public Task RemoveNetworkAsync(string id, CancellationToken cancellationToken) => OrderAsync(HttpMethod.Delete, $"networks/{Segment(id)}", cancellationToken);

    /// <param name="references">Names with tag or digest.</param>
    public Task<IReadOnlyList<ListedImage>> ListImagesAsync(IReadOnlyCollection<string> references, CancellationToken cancellationToken) =>
        GetAsync($"images/json?filters={Filters(new Dictionary<string, IReadOnlyList<string>> { ["reference"] = [.. references] })}", EngineJson.Default.IReadOnlyListListedImage, cancellationToken);

    public Task<InspectedImage> InspectImageAsync(string name, CancellationToken cancellationToken) => GetAsync($"images/{Segment(name)}/json", EngineJson.Default.InspectedImage, cancellationToken);

    public Task TagImageAsync(string name, string repository, string tag, CancellationToken cancellationToken) =>
        OrderAsync(HttpMethod.Post, $"images/{Segment(name)}/tag?repo={Value(repository)}&tag={Value(tag)}", cancellationToken);

    public Task RemoveImageAsync(string name, CancellationToken cancellationToken) => OrderAsync(HttpMethod.Delete, $"images/{Segment(name)}", cancellationToken);

    /// <summary>Has an image pulled, and tells each sign of life; an error that comes late is in one of them.</summary>
    public async IAsyncEnumerable<PullProgress> PullAsync(
        string name, string tagOrDigest, string? platform, RegistryAuthorization? login, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, $"images/create?fromImage={Value(name)}&tag={Value(tagOrDigest)}{(platform is null ? "" : $"&platform={Value(platform)}")}");
        if (login is not null)
        {
            var text = JsonSerializer.SerializeToUtf8Bytes(login, EngineJson.Default.RegistryAuthorization);
            request.Headers.Add("X-Registry-Auth", Convert.ToBase64String(text).Replace('+', '-').Replace('/', '_'));
        }

        await foreach (var line in ReadLinesAsync(request, EngineJson.Default.PullProgress, cancellationToken))
        {
            yield return line;
        }
    }

    /// <summary>What a container wrote.</summary>
    /// <param name="since">Unix time, with fractions; <c>null</c>: from its beginning.</param>
    /// <param name="tail">Only so many lines from the end; <c>null</c>: all.</param>
    public async Task<EngineOutput> ReadLogsAsync(string containerId, bool follow, string? since, int? tail, CancellationToken cancellationToken)
    {
        var isTerminal = (await InspectContainerAsync(containerId, cancellationToken)).Config?.Tty ?? false; // older engines do not tell with the log
        using var request = Request(
            HttpMethod.Get,
            $"containers/{Segment(containerId)}/logs?stdout=true&stderr=true&timestamps=true&follow={Word(follow)}{(since is null ? "" : $"&since={since}")}{(tail is null ? "" : $"&tail={tail}")}");
        return await OpenOutputAsync(request, isMultiplexed: !isTerminal, cancellationToken);
    }

    public async Task<string> CreateExecAsync(string containerId, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, $"containers/{Segment(containerId)}/exec", new ExecOrder(command, AttachStdout: true, AttachStderr: true), EngineJson.Default.ExecOrder);
        return (await ReadAsync(request, EngineJson.Default.CreatedExec, cancellationToken)).Id;
    }

    public async Task<EngineOutput> StartExecAsync(string execId, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, $"exec/{Segment(execId)}/start", new ExecStart(Detach: false, Tty: false), EngineJson.Default.ExecStart);
        return await OpenOutputAsync(request, isMultiplexed: true, cancellationToken);
    }

    public Task<InspectedExec> InspectExecAsync(string execId, CancellationToken cancellationToken) => GetAsync($"exec/{Segment(execId)}/json", EngineJson.Default.InspectedExec, cancellationToken);

    /// <summary>What happens at the engine, until cancelled or until the engine ends it.</summary>
    /// <param name="filters">By name of the filter; all must match, one value of each. See <see cref="OfProject"/>.</param>
    /// <param name="since">Unix time: begin with what happened then. An engine keeps no more than its last 256 events.</param>
    /// <param name="listening">Called once the engine has begun its answer.</param>
    public IAsyncEnumerable<EngineEvent> ReadEventsAsync(
        IReadOnlyDictionary<string, IReadOnlyList<string>> filters, string? since, Action? listening, CancellationToken cancellationToken) =>
        ReadLinesAsync(Request(HttpMethod.Get, $"events?filters={Filters(filters)}{(since is null ? "" : $"&since={since}")}"), EngineJson.Default.EngineEvent, cancellationToken, listening);

    /// <summary>A filter: what belongs to a Compose project.</summary>
    public static Dictionary<string, IReadOnlyList<string>> OfProject(string project) => new() { ["label"] = [$"{LiveContainers.ProjectLabel}={project}"] };

    private static Dictionary<string, IReadOnlyList<string>> Named(IReadOnlyList<string> names) => new() { ["name"] = names };

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> form, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, path);
        return await ReadAsync(request, form, cancellationToken);
    }

    private async Task OrderAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var request = Request(method, path);
        using var response = await SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    private async Task<T> ReadAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> form, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await JsonSerializer.DeserializeAsync(body, form, cancellationToken) ?? throw new JsonException("the answer is empty");
    }

    private async IAsyncEnumerable<T> ReadLinesAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> form, [EnumeratorCancellation] CancellationToken cancellationToken, Action? begun = null)
    {
        using var sent = request;
        using var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        begun?.Invoke();
        await foreach (var line in JsonSerializer.DeserializeAsyncEnumerable(body, form, topLevelValues: true, cancellationToken))
        {
            if (line is not null)
            {
                yield return line;
            }
        }
    }

    private async Task<EngineOutput> OpenOutputAsync(HttpRequestMessage request, bool isMultiplexed, CancellationToken cancellationToken)
    {
        var response = await SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        try
        {
            return new EngineOutput(response, await response.Content.ReadAsStreamAsync(cancellationToken), isMultiplexed);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        var response = await http.SendAsync(request, completion, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw new EngineAnswerException(response.StatusCode, await ErrorOfAsync(response, cancellationToken));
        }
    }

    private static async Task<string> ErrorOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[LargestErrorBytes];
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var count = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            if (JsonSerializer.Deserialize(buffer.AsSpan(0, count), EngineJson.Default.ErrorAnswer)?.Message is { Length: > 0 } message)
            {
                return message;
            }
        }
        catch (JsonException)
        {
            // a proxy in between answers in HTML
        }

        return $"it answered {(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd();
    }

    private HttpRequestMessage Request(HttpMethod method, string path) => new(method, version + path) { Version = HttpVersion.Version11 };

    // with its length: the engine closes the connection of an exec that comes in chunks
    private HttpRequestMessage Request<T>(HttpMethod method, string path, T body, JsonTypeInfo<T> form)
    {
        var request = Request(method, path);
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, form)) { Headers = { ContentType = new("application/json") } };
        return request;
    }

    private static string Filters(IReadOnlyDictionary<string, IReadOnlyList<string>> filters) =>
        Value(JsonSerializer.Serialize(filters, EngineJson.Default.IReadOnlyDictionaryStringIReadOnlyListString));

    private static string Value(string text) => Uri.EscapeDataString(text);

    // names of images contain slashes, which the engine wants as they are
    private static string Segment(string name) => Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal);

    private static string Word(bool value) => value ? "true" : "false";
}
