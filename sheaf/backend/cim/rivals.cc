// SPDX-License-Identifier: Apache-2.0
#include "sheaf/backend/cim/rivals.h"

namespace sheaf::backend::cim {
namespace {

constexpr RivalFigure kFigures[] = {
    {"ESE", "speed, LSTM of 1024 cells", 17544, "frames/s", "FPGA 2017", true},
    {"ESE", "power", 41, "W", "FPGA 2017", true},
    {"C-LSTM", "speed, block 8", 179687, "frames/s", "FPGA 2018", true},
    {"C-LSTM", "power, block 8", 22, "W", "FPGA 2018", true},
    {"C-LSTM", "speed, block 16", 330275, "frames/s", "FPGA 2018", true},
    {"C-LSTM", "power, block 16", 23, "W", "FPGA 2018", true},
    {"C-LSTM", "most speed-up over ESE", 18.8, "x", "FPGA 2018, abstract"},
    {"C-LSTM", "most energy efficiency over ESE", 33.5, "x", "FPGA 2018, abstract"},
    {"E-RNN", "most energy efficiency over ESE", 37.4, "x", "HPCA 2019, abstract"},
    {"E-RNN", "energy efficiency over C-LSTM, more than", 2, "x", "HPCA 2019, abstract"},
    {"CirCNN", "least energy efficiency over the best before", 6, "x", "MICRO 2017, abstract"},
    {"CirCNN", "most energy efficiency over the best before", 102, "x", "MICRO 2017, abstract"},
    {"PermDNN", "throughput over CirCNN", 11.51, "x", "MICRO 2018"},
    {"PermDNN", "energy efficiency over CirCNN", 3.89, "x", "MICRO 2018"},
    {"PermDNN", "least throughput over EIE", 3.3, "x", "MICRO 2018"},
    {"PermDNN", "most throughput over EIE", 4.8, "x", "MICRO 2018"},
    {"PermDNN", "least energy efficiency over EIE", 2.8, "x", "MICRO 2018"},
    {"PermDNN", "most energy efficiency over EIE", 4.0, "x", "MICRO 2018"},
    {"TIE", "throughput over CirCNN", 5.96, "x", "ISCA 2019, reading notes"},
    {"TIE", "energy efficiency over CirCNN", 4.56, "x", "ISCA 2019, reading notes"},
    {"PipeLayer", "rate by area", 1485, "GOPs/(s mm2)", "HPCA 2017"},
    {"PipeLayer", "rate by power", 142.9, "GOPs/W", "HPCA 2017"},
    {"PipeLayer", "speed-up over a GTX 1080, geometric mean", 42.45, "x", "HPCA 2017"},
    {"PipeLayer", "energy saved over a GTX 1080, geometric mean", 7.17, "x", "HPCA 2017"},
    {"ISAAC", "rate by area", 478.95, "GOPs/(s mm2)", "ISCA 2016, table II"},
    {"ISAAC", "rate by power", 627.5, "GOPs/W", "ISCA 2016, table II"},
    {"Newton", "power saved over ISAAC", 77, "%", "2018, abstract"},
    {"Newton", "throughput by area over ISAAC", 51, "%", "2018, abstract"},
    {"ReBoc", "speed-up over accelerators in ReRAM, mean", 4.1, "x", "DATE 2020, abstract"},
    {"ReBoc", "energy saved over accelerators in ReRAM, mean", 2.6, "x", "DATE 2020, abstract"},
    {"ReBoc", "power efficiency over FPGA designs", 96, "x", "DATE 2020, abstract"},
    {"ReBoc", "power efficiency over ASIC designs", 8.86, "x", "DATE 2020, abstract"},
    {"TinyADC", "power saved over pruning", 3.5, "x", "DATE 2021, abstract"},
    {"TinyADC", "area saved over pruning", 2.9, "x", "DATE 2021, abstract"},
    {"TinyADC", "rate by area gained", 29, "%", "DATE 2021, abstract"},
    {"TinyADC", "rate by power gained", 40, "%", "DATE 2021, abstract"},
    {"CANNON", "most communication energy saved over pruning", 3.0, "x", "TETC 2023, abstract"},
    {"CANNON", "most communication latency saved over pruning", 3.1, "x", "TETC 2023, abstract"},
    {"CANNON", "most energy-delay product saved over pruning", 6.8, "x", "TETC 2023, abstract"},
    {"SmartDeal", "most energy efficiency of inference", 2.44, "x", "TNNLS 2023, abstract"},
};

}  // namespace

std::span<const RivalFigure> rival_figures() { return kFigures; }

}  // namespace sheaf::backend::cim
