namespace Eclusier.Core.Images;

/// <summary>What a service's tag pointed to when its digest was taken last.</summary>
internal sealed record FollowedImage(string Service, string Image, string Digest)
{
    /// <summary>As the journal keeps them: a line each.</summary>
    public static string Format(IEnumerable<FollowedImage> images) =>
        string.Join('\n', images.OrderBy(image => image.Service, StringComparer.Ordinal).Select(image => $"{image.Service} {image.Image} {image.Digest}"));

    public static List<FollowedImage> Parse(string? text) =>
        [.. (text ?? "").Split('\n').Select(line => line.Split(' ')).Where(parts => parts.Length == 3).Select(parts => new FollowedImage(parts[0], parts[1], parts[2]))];
}
