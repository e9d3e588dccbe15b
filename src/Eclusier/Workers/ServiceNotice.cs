using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;

namespace Eclusier.Workers;

/// <summary>What the daemon tells systemd, if that started it: what it is about, and that its work goes on.</summary>
internal sealed class ServiceNotice(ISystemdNotifier systemd, TimeProvider timeProvider)
{
    private readonly Lock gate = new();
    private string doing = "";
    private string? stuck;
    private string said = "";
    private bool isReady;

    private string Status => stuck is null ? doing : $"Stuck: {stuck}";

    /// <summary>It works: requests are answered.</summary>
    public void Ready()
    {
        lock (gate)
        {
            isReady = true;
            said = Status;
            Send($"READY=1\nSTATUS={said}");
        }
    }

    /// <summary>What it does right now, in a sentence.</summary>
    public void Say(string what)
    {
        lock (gate)
        {
            doing = what;
            SendStatus();
        }
    }

    /// <summary>Why the work does not go on, which counts for more than what it does; <c>null</c>: it goes on.</summary>
    public void SayStuck(string? why)
    {
        lock (gate)
        {
            stuck = why;
            SendStatus();
        }
    }

    /// <summary>A configuration is being taken; <see cref="Ready"/> ends it.</summary>
    public void Reloading()
    {
        var microseconds = timeProvider.GetTimestamp() / (timeProvider.TimestampFrequency / 1_000_000); // of CLOCK_MONOTONIC, which .NET measures by
        Send($"RELOADING=1\nMONOTONIC_USEC={microseconds.ToString(CultureInfo.InvariantCulture)}");
    }

    public void Stopping() => Send("STOPPING=1\nSTATUS=Stopping: what must not be cut short is finished");

    /// <summary>The work goes on: without this, systemd kills the daemon and starts it again.</summary>
    public void Alive() => Send("WATCHDOG=1");

    private void SendStatus()
    {
        if (isReady && said != Status)
        {
            said = Status;
            Send($"STATUS={said}");
        }
    }

    private void Send(string state)
    {
        if (systemd.IsEnabled)
        {
            systemd.Notify(new ServiceState(state));
        }
    }
}
