using System.Globalization;
using System.Text;

namespace Eclusier.Adapters.DockerEngine;

/// <summary>Cuts a stream of bytes into lines, and what is too long off.</summary>
internal sealed class LineCutter
{
    /// <summary>More of a line than this is not kept: a container may write megabytes without a line break.</summary>
    public const int LongestLine = 4096;

    // in front of each line, always as long as 2026-01-31T12:00:00.123456789Z and a space
    private const int RoomForTime = 31;

    private readonly byte[] pending = new byte[LongestLine + RoomForTime];
    private int length;
    private bool isCut;

    public List<string> Feed(ReadOnlySpan<byte> bytes)
    {
        var lines = new List<string>();
        while (bytes.IndexOf((byte)'\n') is >= 0 and var end)
        {
            Keep(bytes[..end]);
            lines.Add(Take());
            bytes = bytes[(end + 1)..];
        }

        Keep(bytes);
        return lines;
    }

    /// <summary>What came after the last line break, if anything.</summary>
    public string? Rest() => length == 0 ? null : Take();

    /// <summary>Takes the time off the front of a line.</summary>
    public static (DateTimeOffset? At, string Text) Split(string line)
    {
        var space = line.IndexOf(' ');
        return DateTimeOffset.TryParse(space < 0 ? line : line[..space], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? (at, space < 0 ? "" : line[(space + 1)..])
            : (null, line);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var fitting = bytes[..Math.Min(bytes.Length, pending.Length - length)];
        fitting.CopyTo(pending.AsSpan(length));
        length += fitting.Length;
        isCut |= fitting.Length < bytes.Length;
    }

    private string Take()
    {
        var line = Encoding.UTF8.GetString(pending, 0, length);
        line = isCut ? line.TrimEnd('\uFFFD') + "…" : line.TrimEnd('\r'); // a cut may go through a character; a terminal ends lines with \r\n
        length = 0;
        isCut = false;
        return line;
    }
}
