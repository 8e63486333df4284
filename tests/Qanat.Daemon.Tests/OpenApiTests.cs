using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Routing;
using Qanat.Daemon.Api;
using Qanat.Daemon.Control;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Tunnels;

namespace Qanat.Daemon.Tests;

/// <summary>The description that is written by hand, held against what is there.</summary>
public sealed class OpenApiTests
{
    private static readonly JsonElement Document = JsonDocument.Parse(OpenApiDocument.Open()).RootElement;
    private static readonly JsonElement Schemas = Document.GetProperty("components").GetProperty("schemas");

    [Fact]
    public async Task Every_route_is_described_and_nothing_else()
    {
        await using var server = await Server.StartAsync();
        var routes = from endpoint in server.Api.Endpoints
                     from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
                     select $"{method} {endpoint.RoutePattern.RawText}";
        var described = from path in Document.GetProperty("paths").EnumerateObject()
                        from operation in path.Value.EnumerateObject()
                        where operation.Name != "parameters"
                        select $"{operation.Name.ToUpperInvariant()} {path.Name}";
        Assert.Equal(routes.Order(), described.Order());
    }

    [Theory]
    [InlineData(typeof(FouPort))]
    [InlineData(typeof(L2tpTunnel))]
    [InlineData(typeof(FdbEntry))]
    [InlineData(typeof(FdbFilter))]
    [InlineData(typeof(GreSpec))]
    [InlineData(typeof(SitSpec))]
    [InlineData(typeof(RouterSpec))]
    [InlineData(typeof(SixRdSpec))]
    [InlineData(typeof(IPv6TunnelSpec))]
    [InlineData(typeof(EncapSpec))]
    [InlineData(typeof(VxlanSpec))]
    [InlineData(typeof(L2tpSpec))]
    [InlineData(typeof(BatchSpec))]
    [InlineData(typeof(BatchReport))]
    [InlineData(typeof(BatchResult))]
    [InlineData(typeof(TunnelSpec))]
    [InlineData(typeof(TunnelReport))]
    [InlineData(typeof(CounterReport))]
    [InlineData(typeof(DaemonStatus))]
    [InlineData(typeof(ApiError))]
    [InlineData(typeof(XfrmStateSpec))]
    [InlineData(typeof(XfrmMarkSpec))]
    [InlineData(typeof(XfrmAlgorithmSpec))]
    [InlineData(typeof(XfrmEncapSpec))]
    [InlineData(typeof(XfrmSelectorSpec))]
    [InlineData(typeof(XfrmLimitsSpec))]
    [InlineData(typeof(XfrmPolicySpec))]
    [InlineData(typeof(XfrmTemplateSpec))]
    [InlineData(typeof(XfrmStateReport))]
    [InlineData(typeof(XfrmPolicyReport))]
    [InlineData(typeof(XfrmUsageReport))]
    [InlineData(typeof(XfrmReplayReport))]
    public void Every_member_of_a_contract_is_described_with_its_type(Type contract)
    {
        var properties = Schemas.GetProperty(contract.Name).GetProperty("properties");
        var members = contract.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        Assert.Equal(members.Select(NameOf).Order(), properties.EnumerateObject().Select(property => property.Name).Order());
        foreach (var member in members)
        {
            var schema = properties.GetProperty(NameOf(member));
            if (schema.TryGetProperty("$ref", out var reference))
                Assert.Equal($"#/components/schemas/{member.PropertyType.Name}", reference.GetString());
            else if (schema.TryGetProperty("oneOf", out var either))
                Assert.Equal($"#/components/schemas/{member.PropertyType.Name}", either[0].GetProperty("$ref").GetString());
            else
                Assert.Equal(JsonTypeOf(member), schema.GetProperty("type").ToString().Replace(" ", "", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Modes_are_those_of_the_code() =>
        Assert.Equal(Enum.GetValues<TunnelMode>().Select(mode => ModeFacts.Of(mode).Word),
            Schemas.GetProperty("TunnelSpec").GetProperty("properties").GetProperty("mode").GetProperty("enum").EnumerateArray()
                .Select(word => word.GetString()!));

    public static TheoryData<object> Contracts =>
    [
        new TunnelSpec { Mode = "ipip" }, new GreSpec(), new SitSpec(), new RouterSpec { Address = "192.0.2.1" },
        new SixRdSpec { Prefix = "2002::/16" }, new IPv6TunnelSpec(), new EncapSpec { Type = "fou" }, new VxlanSpec(), new L2tpSpec(),
        new BatchSpec(), new FdbFilter(),
    ];

    [Theory]
    [MemberData(nameof(Contracts), DisableDiscoveryEnumeration = true)]
    public void Defaults_are_those_of_the_code(object contract)
    {
        var schema = Schemas.GetProperty(contract.GetType().Name);
        var required = schema.TryGetProperty("required", out var names)
            ? names.EnumerateArray().Select(name => name.GetString()).ToList() : [];
        foreach (var property in schema.GetProperty("properties").EnumerateObject().Where(property => !required.Contains(property.Name)))
        {
            var member = contract.GetType().GetProperties().Single(member => NameOf(member) == property.Name);
            Assert.Equal(JsonSerializer.Serialize(member.GetValue(contract)), property.Value.GetProperty("default").GetRawText());
        }
    }

    [Fact]
    public void Every_reference_leads_somewhere()
    {
        var text = Document.GetRawText();
        foreach (var reference in References(Document).Distinct())
        {
            var place = Document;
            foreach (var part in reference.Split('/')[1..])
                place = place.GetProperty(part);
            Assert.Equal(JsonValueKind.Object, place.ValueKind);
        }
        Assert.Contains("\"openapi\": \"3.1.0\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_served()
    {
        await using var server = await Server.StartAsync();
        var served = await server.Client.GetStringAsync("/openapi.json", TestContext.Current.CancellationToken);
        Assert.Equal(Document.GetRawText(), JsonDocument.Parse(served).RootElement.GetRawText());
    }

    private static string NameOf(PropertyInfo member) =>
        member.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(member.Name);

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property =>
            property.NameEquals("$ref") ? [property.Value.GetString()!] : References(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static string JsonTypeOf(PropertyInfo member)
    {
        var type = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
        var name = type == typeof(string) || type == typeof(DateTimeOffset) ? "string"
            : type == typeof(bool) ? "boolean"
            : (Nullable.GetUnderlyingType(type) ?? type).IsPrimitive ? "integer"
            : type.IsArray || type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? "array"
            : "object";
        return new NullabilityInfoContext().Create(member).ReadState == NullabilityState.Nullable ? $"[\"{name}\",\"null\"]" : name;
    }
}
