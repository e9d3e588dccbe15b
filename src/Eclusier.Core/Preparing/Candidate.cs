using System.Text.Json.Nodes;
using Eclusier.Core.Compose;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;

namespace Eclusier.Core.Preparing;

/// <summary>A revision that was rendered and whose images are locked: all that is needed to plan, before anything is pulled or kept.</summary>
/// <param name="Id">The release id it will have.</param>
/// <param name="Model">The model that will run: images by digest, content labels added.</param>
/// <param name="HostFiles">What the host's own files that count were like before they were read: their stamps by path.</param>
/// <param name="Services">Without image ids and keep-tags, which staging adds; without config hashes until <see cref="ReleasePreparer.HashAsync"/>.</param>
public sealed record Candidate(
    string Id, Revision Revision, RenderedModel Rendered, JsonObject Model, string ModelHash, IReadOnlyDictionary<string, string> HostFiles, IReadOnlyList<ReleaseService> Services);
