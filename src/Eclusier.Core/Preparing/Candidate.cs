using System.Text.Json.Nodes;
using Eclusier.Core.Compose;
using Eclusier.Core.Releases;
using Eclusier.Core.Sources;

namespace Eclusier.Core.Preparing;

/// <summary>A revision that was rendered and whose images are locked: all that is needed to plan, before anything is pulled or kept.</summary>
/// <param name="Id">The release id it will have.</param>
/// <param name="Model">The model that will run: images by digest, content labels added.</param>
/// <param name="Services">Without image ids and keep-tags, which staging adds; without config hashes until <see cref="ReleasePreparer.HashAsync"/>.</param>
public sealed record Candidate(
    string Id, Revision Revision, RenderedModel Rendered, JsonObject Model, string ModelHash, IReadOnlyList<ReleaseService> Services);
