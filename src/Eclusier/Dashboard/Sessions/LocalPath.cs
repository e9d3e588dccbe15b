namespace Eclusier.Dashboard.Sessions;

/// <summary>A page of this very dashboard: what somebody is sent to after signing in must not be another web site.</summary>
internal static class LocalPath
{
    public const string Home = "/";

    private const int Longest = 500;

    /// <returns>The path, or <see cref="Home"/> when it is none of ours.</returns>
    public static string Of(string? text) => text is { Length: > 0 and < Longest } && IsLocal(text) ? text : Home;

    // browsers read `//host` and `/\host` as another host, and leave out tabs and line ends before they look
    private static bool IsLocal(string text) =>
        text[0] == '/' && (text.Length == 1 || text[1] is not '/' and not '\\') && !text.Any(letter => letter == '\\' || char.IsControl(letter));
}
