using System.Net;
using System.Net.Sockets;

namespace Eclusier.Api.Access;

/// <summary>Counts wrong tokens per address: after some, that address waits. A right token always gets in: it cannot be guessed, and a stranger must not lock others out.</summary>
/// <remarks>The framework's partitioned limiter keeps a timer that ticks ten times a second for as long as the program runs; this keeps none.</remarks>
internal sealed partial class FailedAttempts(TimeProvider timeProvider, ILogger<FailedAttempts> logger)
{
    /// <summary>How many within <see cref="Window"/>.</summary>
    public const int Allowed = 10;

    private const int MostAddresses = 1000; // 100 kB; whoever has more of them is nobody's neighbour

    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Dictionary<IPAddress, Tally> tallies = [];
    private readonly Lock gate = new();

    /// <summary>Somebody showed a token, or signed in with one, that is not valid.</summary>
    public void Note(HttpContext context, string what)
    {
        var count = 0;
        lock (gate)
        {
            var now = timeProvider.GetTimestamp();
            if (tallies.Count >= MostAddresses)
            {
                Forget(now);
            }

            var key = Key(context);
            var tally = tallies.GetValueOrDefault(key);
            tally = tally is null || timeProvider.GetElapsedTime(tally.Since, now) >= Window ? new Tally(now, 1) : tally with { Count = tally.Count + 1 };
            tallies[key] = tally;
            count = tally.Count;
        }

        if (count <= Allowed)
        {
            Log.Refused(logger, context.RemoteAddress(), what);
        }
        else if (count == Allowed + 1)
        {
            Log.Paused(logger, context.RemoteAddress(), Window.TotalSeconds);
        }
    }

    /// <returns>How long the address has to wait; <c>null</c>: not at all.</returns>
    public TimeSpan? PauseOf(HttpContext context)
    {
        lock (gate)
        {
            return tallies.GetValueOrDefault(Key(context)) is { Count: > Allowed } tally && Window - timeProvider.GetElapsedTime(tally.Since) is { Ticks: > 0 } rest ? rest : null;
        }
    }

    private void Forget(long now)
    {
        foreach (var (address, tally) in tallies)
        {
            if (timeProvider.GetElapsedTime(tally.Since, now) >= Window)
            {
                tallies.Remove(address);
            }
        }

        if (tallies.Count >= MostAddresses)
        {
            tallies.Clear();
        }
    }

    /// <summary>Of IPv6 the network, of which everybody has all addresses.</summary>
    private static IPAddress Key(HttpContext context)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily is not AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    private sealed record Tally(long Since, int Count);

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Address} was refused: {What}")]
        public static partial void Refused(ILogger logger, string address, string what);

        [LoggerMessage(LogLevel.Warning, "{Address} failed too often and has to wait up to {Seconds} s; no more is said of it meanwhile")]
        public static partial void Paused(ILogger logger, string address, double seconds);
    }
}
