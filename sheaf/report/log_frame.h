// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sheaf/report/log_axis.h"
#include "sheaf/report/svg_text.h"

namespace sheaf::report {

// Where a chart with two logarithmic axes is drawn: what scatter charts and rooflines share. Values
// are held, the axes widened, and then places asked for.
class LogFrame {
 public:
  struct Place {
    double left;
    double top;
    double width;
    double height;
  };
  explicit LogFrame(const Place& place) : place_(place) {}

  // Of values above 0; others have no place.
  static bool has_place(double x, double y);
  void hold(double x, double y);
  void widen();

  [[nodiscard]] const LogAxis& x() const { return x_; }
  [[nodiscard]] const LogAxis& y() const { return y_; }
  [[nodiscard]] double x_of(double value) const {
    return place_.left + place_.width * x_.share(value);
  }
  [[nodiscard]] double y_of(double value) const {
    return place_.top + place_.height * (1 - y_.share(value));
  }

  // Lines of the grid, their numbers, and what the axes are.
  void draw(SvgText& svg, const std::string& x_label, const std::string& y_label) const;

 private:
  Place place_;
  LogAxis x_;
  LogAxis y_;
};

}  // namespace sheaf::report
