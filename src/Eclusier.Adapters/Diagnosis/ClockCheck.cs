using System.Runtime.InteropServices;
using Eclusier.Adapters.Git;
using Eclusier.Adapters.Http;
using Eclusier.Adapters.Registries;
using Eclusier.Core.Deployments;
using Eclusier.Core.Diagnosis;
using Eclusier.Core.Images;

namespace Eclusier.Adapters.Diagnosis;

/// <summary>The host's clock: against those of the servers it deals with, and whether anything keeps it right.</summary>
public sealed partial class ClockCheck(IReadOnlyList<StackImages> stacks, RegistryClient registry, TimeProvider timeProvider) : Check("clock")
{
    /// <summary>Certificates, tokens and signatures are refused from here on.</summary>
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(5); // the header has whole seconds, and travels

    private const int NotSynchronized = 0x40; // STA_UNSYNC, adjtimex(2)

    public override TimeSpan Limit => TimeSpan.FromSeconds(60); // it may wait for the images to be known

    public override string Remedy => "have the clock kept: `timedatectl set-ntp true`, or install chrony";

    public override async Task<IReadOnlyList<CheckResult>> LookAsync(CancellationToken cancellationToken)
    {
        var offset = await FindOffsetAsync(cancellationToken);
        var findings = new List<CheckResult>();
        if (offset is var (server, ahead))
        {
            var apart = ahead.Duration();
            var text = $"the clock is {(apart < Noticeable ? "as" : $"{Exact(apart)} {(ahead > TimeSpan.Zero ? "ahead of" : "behind")}")} that of {server}";
            findings.Add(apart >= Most ? Problem(text, Remedy) : apart >= Noticeable ? Warning(text, Remedy) : Ok(text));
        }

        if (IsSynchronized() is false && findings is [] or [{ Level: CheckLevel.Ok }])
        {
            findings.Add(Warning("nothing keeps the clock right (NTP is not synchronised)", Remedy));
        }

        return findings.Count > 0 ? findings : [Ok(IsSynchronized() is true ? "kept right (NTP is synchronised)" : "no server to compare with")];
    }

    /// <summary>Servers have wrong clocks too: the nearest one counts.</summary>
    private async Task<(string Server, TimeSpan Ahead)?> FindOffsetAsync(CancellationToken cancellationToken)
    {
        var origins = stacks.Select(stack => new GitAddress(stack.Stack.Source.Repository).HttpOrigin).Where(origin => origin is not null)
            .Select(origin => (Name: origin!.Value.Host, Address: new Uri($"{origin.Value.Scheme}://{origin.Value.Host}/"))).Distinct().ToList();
        using var clock = new ServerClock(timeProvider);
        var found = await Task.WhenAll([
            .. origins.Select(origin => OffsetAsync(origin.Name, token => clock.ReadAsync(origin.Address, token), cancellationToken)),
            .. (await RegistriesAsync(cancellationToken)).Select(image => OffsetAsync(image.Image.Registry, token => registry.ReadClockAsync(image.Image, image.Access, token), cancellationToken)),
        ]);
        return found.Where(offset => offset is not null).OrderBy(offset => offset!.Value.Ahead.Duration()).FirstOrDefault();
    }

    private async Task<(string Server, TimeSpan Ahead)?> OffsetAsync(string server, Func<CancellationToken, Task<DateTimeOffset?>> read, CancellationToken cancellationToken)
    {
        try
        {
            var before = timeProvider.GetUtcNow();
            var told = await read(cancellationToken);
            var after = timeProvider.GetUtcNow();
            return told is { } date ? (server, before + ((after - before) / 2) - date - TimeSpan.FromSeconds(0.5)) : null; // the header is cut to the second
        }
        catch (Exception exception) when (exception is HttpRequestException or FailureException)
        {
            return null; // that it cannot be reached is another check's finding
        }
    }

    private async Task<IReadOnlyList<(ImageReference Image, RegistryAccess? Access)>> RegistriesAsync(CancellationToken cancellationToken)
    {
        var found = new List<(ImageReference, RegistryAccess?)>();
        foreach (var stack in stacks)
        {
            try
            {
                found.AddRange((await stack.ReadAsync(cancellationToken)).DistinctBy(image => image.Registry).Select(image => (image, stack.Stack.AccessTo(image))));
            }
            catch (FailureException)
            {
                // another check's finding
            }
        }

        return [.. found.DistinctBy(one => one.Item1.Registry)];
    }

    private static string Exact(TimeSpan time) => time < TimeSpan.FromMinutes(2) ? $"{time.TotalSeconds:0} s" : time < TimeSpan.FromHours(2) ? $"{time.TotalMinutes:0} min" : $"{time.TotalHours:0} h";

    /// <returns><c>null</c>: the kernel does not tell.</returns>
    private static bool? IsSynchronized()
    {
        var state = new ClockState();
        return ReadClock(ref state) < 0 ? null : (state.Status & NotSynchronized) == 0;
    }

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static partial int ReadClock(ref ClockState state);

    // struct timex of a 64-bit system; modes = 0 asks and sets nothing
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct ClockState
    {
        [FieldOffset(0)]
        public uint Modes;

        [FieldOffset(40)]
        public int Status;
    }
}
