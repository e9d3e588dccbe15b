using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Eclusier.Lab;

/// <summary>A real registry (docker-registry) on a port of its own, with a storage folder of its own; it may be stopped and started again.</summary>
public sealed class Registry : IAsyncDisposable
{
    private readonly LabFolder folder = new();
    private readonly HttpClient client;
    private Process? process;

    private Registry(string configuration, int port, (string Name, string Password)? login)
    {
        Port = port;
        client = new HttpClient { BaseAddress = new Uri($"http://{Host}"), Timeout = TimeSpan.FromSeconds(20) };
        if (login is { } known)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{known.Name}:{known.Password}")));
        }

        folder.Write("config.yml", configuration.Replace("$FOLDER", folder.Path));
    }

    public int Port { get; }

    /// <summary>As in an image's name: <c>127.0.0.1:40123</c>.</summary>
    public string Host => $"127.0.0.1:{Port}";

    /// <summary>Where the process writes its pid.</summary>
    public string PidFile => System.IO.Path.Combine(folder.Path, "pid");

    public int? ProcessId => process?.Id;

    /// <summary>A registry that everybody may read and write.</summary>
    public static Task<Registry> StartAsync() => StartAsync("", login: null);

    /// <summary>A registry that asks for a name and password.</summary>
    public static async Task<Registry> StartWithLoginAsync(string name, string password)
    {
        var line = await Tool.RunAsync("htpasswd", "-nbBC", "4", name, password);
        return await StartAsync("auth: { htpasswd: { realm: lab, path: $FOLDER/htpasswd } }", (name, password), line + "\n");
    }

    /// <summary>A registry that sends everybody to a token service.</summary>
    public static Task<Registry> StartWithTokensAsync(TokenServer tokens) =>
        StartAsync($"auth: {{ token: {{ realm: {tokens.Realm}, service: {TokenServer.Service}, issuer: {TokenServer.Issuer}, rootcertbundle: {tokens.CertificateFile} }} }}", login: null);

    /// <summary>A registry that tells an address of each push and pull.</summary>
    public static Task<Registry> StartTellingAsync(string url, string authorization) => StartAsync(
        $"notifications: {{ endpoints: [ {{ name: lab, url: \"{url}\", headers: {{ Authorization: [\"{authorization}\"] }}, timeout: 2s, threshold: 100, backoff: 100ms }} ] }}", login: null);

    public async Task StartAgainAsync()
    {
        var start = new ProcessStartInfo("docker-registry") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("serve");
        start.ArgumentList.Add(System.IO.Path.Combine(folder.Path, "config.yml"));
        start.Environment["OTEL_TRACES_EXPORTER"] = "none";
        process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await File.WriteAllTextAsync(PidFile, process.Id.ToString());
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var answer = await client.GetAsync("/v2/");
                if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Unauthorized)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (tries < 200 && !process.HasExited)
            {
            }

            await Task.Delay(50);
        }
    }

    public async Task StopAsync()
    {
        if (process is { } running)
        {
            running.Kill();
            await running.WaitForExitAsync();
            running.Dispose();
            process = null;
        }
    }

    /// <summary>Starts it again with nothing in it.</summary>
    public async Task StartAgainEmptyAsync()
    {
        await StopAsync();
        Directory.Delete(System.IO.Path.Combine(folder.Path, "data"), recursive: true);
        await StartAgainAsync();
    }

    /// <summary>Stops it in the middle of what it does: connections are accepted by the kernel, and nothing answers.</summary>
    public Task FreezeAsync() => Tool.RunAsync("kill", "-STOP", process!.Id.ToString());

    public Task ThawAsync() => Tool.RunAsync("kill", "-CONT", process!.Id.ToString());

    /// <summary>A request to the registry as its owner.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => client.SendAsync(request);

    /// <summary>Deletes the manifest that the tag points to, and with it the tag (and every other tag of it).</summary>
    public async Task DeleteTagAsync(string repository, string tag)
    {
        using var head = new HttpRequestMessage(HttpMethod.Head, $"/v2/{repository}/manifests/{tag}");
        head.Headers.TryAddWithoutValidation("Accept", TestImage.ManifestTypes);
        using var found = await client.SendAsync(head);
        await DeleteManifestAsync(repository, found.EnsureSuccessStatusCode().Headers.GetValues("Docker-Content-Digest").First());
    }

    public async Task DeleteManifestAsync(string repository, string digest)
    {
        using var answer = await client.DeleteAsync($"/v2/{repository}/manifests/{digest}");
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        client.Dispose();
        folder.Dispose();
    }

    private static async Task<Registry> StartAsync(string authentication, (string, string)? login, string users = "")
    {
        var port = FreePort.Take();
        var registry = new Registry(Configuration(authentication, port), port, login);
        registry.folder.Write("htpasswd", users);
        await registry.StartAgainAsync();
        return registry;
    }

    private static string Configuration(string authentication, int port) =>
        $$"""
        version: 0.1
        log: { level: error, accesslog: { disabled: true } }
        storage: { filesystem: { rootdirectory: $FOLDER/data }, delete: { enabled: true } }
        http: { addr: "127.0.0.1:{{port}}" }
        {{authentication}}
        """;
}

/// <summary>Ports on the loopback that nobody uses at the moment.</summary>
public static class FreePort
{
    public static int Take()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
