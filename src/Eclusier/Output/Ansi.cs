namespace Eclusier.Output;

/// <summary>Colours for single lines, where a layout is not needed.</summary>
internal static class Ansi
{
    public static string Paint(string text, Tone tone) => tone switch
    {
        Tone.Strong => $"\e[1m{text}\e[0m",
        Tone.Quiet => $"\e[90m{text}\e[0m",
        Tone.Good => $"\e[32m{text}\e[0m",
        Tone.Warning => $"\e[33m{text}\e[0m",
        Tone.Bad => $"\e[31m{text}\e[0m",
        _ => text,
    };
}
