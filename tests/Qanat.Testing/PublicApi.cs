using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Qanat.Testing;

/// <summary>What a library promises its callers: every public type and member, as text that shows a change in a review.</summary>
public static class PublicApi
{
    /// <summary>The variable that, set to 1, writes the file anew instead of comparing.</summary>
    public const string AcceptVariable = "QANAT_ACCEPT_API";

    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool", [typeof(char)] = "char",
        [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(double)] = "double",
    };

    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>Compares an assembly with the file that says what it offers.</summary>
    /// <param name="assembly">The library.</param>
    /// <param name="file">The file, from the repository's root.</param>
    /// <exception cref="InvalidOperationException">They differ; the text has the lines, and says how to accept them.</exception>
    public static void AssertUnchanged(Assembly assembly, string file)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var path = Repository.PathOf(file);
        var now = Describe(assembly);
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
            File.WriteAllText(path, now);
        var before = File.Exists(path) ? File.ReadAllText(path) : "";
        if (before == now)
            return;
        var (old, @new) = (before.Split('\n'), now.Split('\n'));
        throw new InvalidOperationException(
            $"The public API of {assembly.GetName().Name} is not what {file} says:\n" +
            string.Concat(old.Except(@new).Select(line => $"- {line}\n")) + string.Concat(@new.Except(old).Select(line => $"+ {line}\n")) +
            $"If that is meant, run this test with {AcceptVariable}=1, look at the file's changes, and commit it.");
    }

    /// <summary>The public types of an assembly, a paragraph each, in the order of their names.</summary>
    public static string Describe(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            var lines = type.IsEnum ? EnumLines(type)
                : type.GetMembers(Declared).Select(member => (member.Name, Line: Line(member)))
                    .OrderBy(member => member.Name, StringComparer.Ordinal).ThenBy(member => member.Line, StringComparer.Ordinal)
                    .Select(member => member.Line).OfType<string>();
            text.Append(text.Length == 0 ? "" : "\n").Append(Head(type)).Append('\n');
            foreach (var line in lines)
                text.Append("    ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static string Head(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsSubclassOf(typeof(Delegate)) ? "delegate"
            : !type.IsValueType ? type is { IsAbstract: true, IsSealed: true } ? "static class"
                : $"{(type.IsAbstract ? "abstract " : "")}{(type.IsSealed ? "sealed " : "")}class"
            : $"{(type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "")}{(type.IsByRefLike ? "ref " : "")}struct";
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var bases = type.IsEnum ? [Enum.GetUnderlyingType(type)]
            : (type.BaseType is { } ancestor && ancestor != typeof(object) && ancestor != typeof(ValueType) ? [ancestor] : Type.EmptyTypes)
                .Concat(type.GetInterfaces().Except(inherited).Where(contract => contract.IsVisible)
                    .OrderBy(contract => contract.FullName, StringComparer.Ordinal));
        var list = string.Join(", ", bases.Select(parent => Name(parent)));
        return $"public {kind} {type.Namespace}.{Name(type)}{(list.Length > 0 ? $" : {list}" : "")}";
    }

    private static IEnumerable<string> EnumLines(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => $"{field.Name} = {Convert.ToString(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}");

    // Null for what callers do not see, what the compiler adds, and what only carries out a promise made elsewhere.
    private static string? Line(MemberInfo member) => member switch
    {
        FieldInfo field when Access(field) is { } access =>
            $"{access}{(field.IsLiteral ? "const " : $"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}")}" +
            $"{Name(field.FieldType, Nullability.Create(field))} " +
            $"{field.Name}{(field.IsLiteral ? $" = {Value(field.GetRawConstantValue())}" : "")}",
        PropertyInfo property when property.GetAccessors(nonPublic: true).FirstOrDefault(IsPromise) is { } first =>
            $"{Access(first)}{Modifiers(first)}{(property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "")}" +
            $"{Returned(property.PropertyType, property.GetRequiredCustomModifiers(), Nullability.Create(property))} " +
            $"{(property.GetIndexParameters() is { Length: > 0 } index ? $"this[{Parameters(index)}]" : property.Name)} " +
            $"{{ {(property.GetMethod is { } get && Access(get) is not null ? "get; " : "")}{Setter(property)}}}",
        EventInfo { AddMethod: { } add } happening when IsPromise(add) =>
            $"{Access(add)}{Modifiers(add)}event {Name(happening.EventHandlerType!)} {happening.Name}",
        ConstructorInfo { IsStatic: false } constructor when IsPromise(constructor) =>
            $"{Access(constructor)}{Name(constructor.DeclaringType!)}({Parameters(constructor.GetParameters())})",
        MethodInfo method when IsPromise(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) =>
            $"{Access(method)}{Modifiers(method)}" +
            Returned(method.ReturnType, method.ReturnParameter.GetRequiredCustomModifiers(), Nullability.Create(method.ReturnParameter)) +
            $" {method.Name}{Generics(method.GetGenericArguments())}({Parameters(method.GetParameters())})",
        _ => null,
    };

    private static bool IsPromise(MethodBase method) => Access(method) is not null &&
        (method.IsSpecialName || !method.IsDefined(typeof(CompilerGeneratedAttribute))) && !method.Name.StartsWith('<') &&
        method is not MethodInfo { Name: "Finalize" } && (method is not MethodInfo info || info.GetBaseDefinition() == info);

    private static string? Access(MethodBase method) =>
        method.IsPublic ? "public "
            : (method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed ? "protected " : null;

    private static string? Access(FieldInfo field) =>
        field.IsPublic ? "public " : (field.IsFamily || field.IsFamilyOrAssembly) && !field.DeclaringType!.IsSealed ? "protected " : null;

    private static string Modifiers(MethodBase method) => method.IsStatic ? "static "
        : method.DeclaringType!.IsInterface ? "" : method.IsAbstract ? "abstract "
        : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "";

    private static string Setter(PropertyInfo property) => property.SetMethod is not { } set || Access(set) is null ? ""
        : set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init; " : "set; ";

    private static string Returned(Type type, Type[] modifiers, NullabilityInfo nullability) =>
        $"{(!type.IsByRef ? "" : modifiers.Length > 0 ? "ref readonly " : "ref ")}{Name(type, nullability)}";

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(parameter =>
        (parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "") +
        (!parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ") +
        $"{Name(parameter.ParameterType, Nullability.Create(parameter))} {parameter.Name}" +
        (parameter.HasDefaultValue ? $" = {Value(parameter.RawDefaultValue)}" : "")));

    private static string Value(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type, NullabilityInfo? nullability = null) => type switch
    {
        _ when Nullable.GetUnderlyingType(type) is { } underlying => $"{Name(underlying)}?",
        _ when IsNullable(type, nullability) => $"{Plain(type, nullability)}?",
        _ => Plain(type, nullability),
    };

    private static bool IsNullable(Type type, NullabilityInfo? nullability) => type is { IsValueType: false, IsByRef: false } &&
        nullability is { ReadState: NullabilityState.Nullable } or { WriteState: NullabilityState.Nullable };

    private static string Plain(Type type, NullabilityInfo? nullability) => type switch
    {
        { IsByRef: true } => Name(type.GetElementType()!, nullability),
        { IsArray: true } => $"{Name(type.GetElementType()!, nullability?.ElementType)}[]",
        { IsPointer: true } => $"{Name(type.GetElementType()!)}*",
        { IsGenericParameter: true } => type.Name,
        _ when Keywords.TryGetValue(type, out var keyword) => keyword,
        _ => $"{(type.IsNested ? $"{Name(type.DeclaringType!)}." : "")}{type.Name.Split('`')[0]}" +
            Generics(type.GetGenericArguments(), nullability?.GenericTypeArguments),
    };

    private static string Generics(Type[] arguments, NullabilityInfo[]? nullability = null) => arguments.Length == 0 ? ""
        : $"<{string.Join(", ", arguments.Select((argument, i) => Name(argument, i < nullability?.Length ? nullability[i] : null)))}>";
}
