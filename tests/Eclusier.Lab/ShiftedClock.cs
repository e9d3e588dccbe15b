namespace Eclusier.Lab;

/// <summary>The clock on the wall as one program sees it (<c>clock/clock.c</c>): put forward or back while it runs, without the machine's.</summary>
public sealed class ShiftedClock : IDisposable
{
    private readonly LabFolder folder = new();
    private readonly string file;

    private ShiftedClock(string library)
    {
        Library = library;
        file = Path.Combine(folder.Path, "shift");
        File.WriteAllBytes(file, BitConverter.GetBytes(0L));
    }

    private string Library { get; }

    public static async Task<ShiftedClock> CreateAsync() => new(await NativeCode.CompileAsync("clock.c", "-shared", "-fPIC"));

    /// <summary>For the environment of the program whose clock it is to be.</summary>
    public IEnumerable<KeyValuePair<string, string>> Environment => [new("LD_PRELOAD", Library), new("ECLUSIER_LAB_CLOCK", file)];

    /// <summary>Puts the clock so far from the machine's, from now on.</summary>
    public void Shift(TimeSpan by)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        stream.Write(BitConverter.GetBytes((long)by.TotalSeconds)); // in one call: nobody sees half of it
    }

    public void Dispose() => folder.Dispose();
}
