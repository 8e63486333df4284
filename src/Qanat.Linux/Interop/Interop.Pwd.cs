// pwd.h, grp.h

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Pwd
    {
        /// <summary>The beginning of <c>struct passwd</c>.</summary>
        internal struct passwd
        {
            internal byte* pw_name;
            internal byte* pw_passwd;
            internal uint pw_uid;
        }

        /// <summary>The beginning of <c>struct group</c>.</summary>
        internal struct group
        {
            internal byte* gr_name;
            internal byte* gr_passwd;
            internal uint gr_gid;
        }

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial passwd* getpwnam(string name);

        [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial group* getgrnam(string name);
    }
}
