// pcap/pcap.h, pcap/bpf.h: libpcap, which need not be there

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Pcap
    {
        private const string libpcap = "libpcap.so.0.8";

        internal const int DLT_EN10MB = 1, DLT_RAW = 12;
        internal const uint PCAP_NETMASK_UNKNOWN = 0xFFFFFFFF;

        internal struct bpf_program
        {
            internal uint bf_len;
            internal Filter.sock_filter* bf_insns;
        }

        internal struct pcap_pkthdr
        {
            internal nint tv_sec;
            internal nint tv_usec;
            internal uint caplen;
            internal uint len;
        }

        [LibraryImport(libpcap)]
        internal static partial nint pcap_open_dead(int linktype, int snaplen);

        [LibraryImport(libpcap, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int pcap_compile(nint p, bpf_program* fp, string str, int optimize, uint netmask);

        [LibraryImport(libpcap)]
        internal static partial byte* pcap_geterr(nint p);

        [LibraryImport(libpcap)]
        internal static partial int pcap_offline_filter(bpf_program* fp, pcap_pkthdr* h, byte* pkt);

        [LibraryImport(libpcap)]
        internal static partial void pcap_freecode(bpf_program* fp);

        [LibraryImport(libpcap)]
        internal static partial void pcap_close(nint p);
    }
}
