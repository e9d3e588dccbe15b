using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Eclusier.Lab;

/// <summary>A real OpenSSH server on a free loopback port, with one user key; it runs as the current user.</summary>
public sealed class SshServer : IAsyncDisposable
{
    private readonly Process process;

    private SshServer(Process process, int port, string folder)
    {
        this.process = process;
        Port = port;
        UserKeyFile = Path.Combine(folder, "user key");
        KnownHostsFile = Path.Combine(folder, "known hosts");
    }

    public int Port { get; }

    /// <summary>The private key that may sign in; its path has a space in it, as paths sometimes do.</summary>
    public string UserKeyFile { get; }

    /// <summary>Holds this server's key.</summary>
    public string KnownHostsFile { get; }

    /// <param name="folder">For keys and settings; made if missing.</param>
    public static async Task<SshServer> StartAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        var port = FreePort();
        var (hostKey, userKey) = (Path.Combine(folder, "host_key"), Path.Combine(folder, "user key"));
        await GenerateKeyAsync(hostKey);
        await GenerateKeyAsync(userKey);
        File.Copy(userKey + ".pub", Path.Combine(folder, "authorized_keys"));
        var hostPublicKey = (await File.ReadAllTextAsync(hostKey + ".pub")).Trim();
        await File.WriteAllTextAsync(Path.Combine(folder, "known hosts"), $"[127.0.0.1]:{port} {hostPublicKey}\n");
        var settings = Path.Combine(folder, "sshd_config");
        await File.WriteAllTextAsync(settings, $"""
            ListenAddress 127.0.0.1:{port}
            HostKey "{hostKey}"
            AuthorizedKeysFile "{Path.Combine(folder, "authorized_keys")}"
            PidFile none
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password

            """);

        if (Environment.IsPrivilegedProcess)
        {
            Directory.CreateDirectory("/run/sshd"); // where sshd, when it is root, wants its empty folder
        }

        var start = new ProcessStartInfo("/usr/sbin/sshd", ["-D", "-f", settings, "-E", Path.Combine(folder, "sshd.log")]);
        var server = new SshServer(Process.Start(start)!, port, folder);
        await server.WaitUntilListeningAsync(Path.Combine(folder, "sshd.log"));
        return server;
    }

    /// <summary>The address of a repository on this machine.</summary>
    public string UrlOf(GitRepository repository) => $"ssh://{Environment.UserName}@127.0.0.1:{Port}{repository.Bare}";

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private static async Task GenerateKeyAsync(string file)
    {
        using var keygen = Process.Start("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "eclusier-lab", "-f", file]);
        await keygen.WaitForExitAsync();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task WaitUntilListeningAsync(string log)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException) when (attempt < 100 && !process.HasExited)
            {
                await Task.Delay(50);
            }
            catch (SocketException exception)
            {
                throw new InvalidOperationException($"sshd did not start: {(File.Exists(log) ? await File.ReadAllTextAsync(log) : "no log")}", exception);
            }
        }
    }
}
