using System.Globalization;

namespace Eclusier.Core.Images;

/// <summary>A digest that a followed tag moved to, and that is not taken yet.</summary>
/// <param name="Image">As written.</param>
public sealed record YoungImage(string Image, string Digest, DateTimeOffset FirstSeenAt)
{
    /// <summary>As the journal keeps them: a line each.</summary>
    public static string Format(IEnumerable<YoungImage> images) =>
        string.Join('\n', images.OrderBy(image => image.Image, StringComparer.Ordinal).Select(image => $"{image.Image} {image.Digest} {image.FirstSeenAt.ToString("O", CultureInfo.InvariantCulture)}"));

    public static IReadOnlyList<YoungImage> Parse(string? text) =>
        [.. (text ?? "").Split('\n').Select(line => line.Split(' ')).Where(parts => parts.Length == 3)
            .Select(parts => new YoungImage(parts[0], parts[1], DateTimeOffset.Parse(parts[2], CultureInfo.InvariantCulture)))];
}
