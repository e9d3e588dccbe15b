namespace Eclusier.Core.Images;

/// <summary>A layer of an image in its registry.</summary>
/// <param name="Id">The hash of its content, by which the engine knows it too (<c>sha256:…</c>).</param>
/// <param name="Size">Bytes to download.</param>
public sealed record ImageLayer(string Id, long Size);
