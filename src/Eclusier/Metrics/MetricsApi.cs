using Eclusier.Adapters.Metrics;
using Eclusier.Api.Access;
using Eclusier.Core.Access;
using Eclusier.Core.Deployments;
using Eclusier.Core.Metrics;

namespace Eclusier.Metrics;

/// <summary>Where Prometheus reads the metrics: <c>GET /metrics</c>. Needs a <see cref="MetricsReport"/> among the services.</summary>
public static class MetricsApi
{
    internal static IServiceCollection AddMetrics(this IServiceCollection services, string version, TimeProvider timeProvider)
    {
        var startedAt = timeProvider.GetUtcNow();
        return services.AddSingleton(provider =>
        {
            var agent = provider.GetRequiredService<Composition>();
            return new MetricsReport(agent.Workers, agent.Journal, agent.Totals, agent.Outbox, agent.Statuses, agent.Instruments, version, startedAt, timeProvider);
        });
    }

    internal static IServiceCollection AddTelemetry(this IServiceCollection services, TelemetrySettings settings) => services.AddHostedService(provider => new TelemetryService(
        settings, provider.GetRequiredService<MetricsReport>(), provider.GetRequiredService<Composition>().Sender, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TelemetryService>>()));

    public static void MapMetrics(this IEndpointRouteBuilder routes) => routes.MapGet("/metrics", ReadAsync).RequireRole(Role.Read);

    private static async Task<IResult> ReadAsync(MetricsReport report, CancellationToken aborted)
    {
        try
        {
            return Results.Text(PrometheusText.Write(await report.CollectAsync(aborted)), PrometheusText.ContentType);
        }
        catch (FailureException exception)
        {
            return Results.Text($"{exception.Message}\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
